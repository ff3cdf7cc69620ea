package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.testsupport.ProjectFiles;

/**
 * A gateway that takes calls for a long time needs no more memory at the end than after its first
 * quarter. Not among the tests of every build: {@code mvn -P soak verify}, with {@code
 * -Dsoak.minutes=120} and {@code -Dsoak.calls=20} for longer and more calls.
 */
@Tag("soak")
final class MemorySoakTest {
  private static final int MINUTES = Integer.getInteger("soak.minutes", 15);
  private static final int CALLS = Integer.getInteger("soak.calls", 10);

  private static final double MOST_GROWTH = 0.02;

  /** The page cache of the embedded database fills up to its bound, for hours. */
  private static final double MOST_GROWTH_OF_HEAP = 0.05;

  private static final Pattern RESIDENT_KIB = Pattern.compile("VmRSS:\\s+(\\d+)");
  private static final Pattern HISTOGRAM_ROW = Pattern.compile("^ *\\d+: +\\d+ +(\\d+) ");

  @TempDir Path folder;

  /**
   * @param residentMiB as Linux counts it
   * @param liveMiB objects that are reachable
   */
  private record Reading(double residentMiB, double liveMiB) {}

  /** Within less the heap has not grown to its size. */
  private static final int LEAST_MINUTES = 12;

  @Test
  @Timeout(value = 5, unit = TimeUnit.HOURS)
  void aGatewayNeedsNoMoreMemoryTheLongerItTakesCalls() throws Exception {
    assertThat(MINUTES).as("soak.minutes").isGreaterThanOrEqualTo(LEAST_MINUTES);
    List<Reading> readings = new ArrayList<>();
    try (ServeProcess gateway = ServeProcess.startOnFreePorts(folder.resolve("data"))) {
      Process load = load(gateway);
      try {
        for (int minute = 1; minute <= MINUTES; minute++) {
          assertThat(load.waitFor(1, TimeUnit.MINUTES))
              .as("the load has ended: %s", Files.readString(folder.resolve("load.log")))
              .isFalse();
          readings.add(read(gateway.pid()));
          System.out.printf(
              "minute %d: %.1f MiB resident, %.2f MiB of live heap%n",
              minute, readings.getLast().residentMiB(), readings.getLast().liveMiB());
        }
      } finally {
        load.destroy();
        load.waitFor(1, TimeUnit.MINUTES);
        load.destroyForcibly();
      }
    }

    assertThat(growth(readings, Reading::liveMiB)).as("live heap").isLessThan(MOST_GROWTH_OF_HEAP);
    assertThat(growth(readings, Reading::residentMiB)).as("resident").isLessThan(MOST_GROWTH);
  }

  /** Of the last quarter beyond the second, as a share; the first warms up. */
  private static double growth(List<Reading> readings, ToDoubleFunction<Reading> of) {
    int quarter = readings.size() / 4;
    double before = median(readings.subList(quarter, 2 * quarter), of);
    double after = median(readings.subList(readings.size() - quarter, readings.size()), of);
    System.out.printf(
        "from %.2f to %.2f MiB: %+.1f %%%n", before, after, after * 100 / before - 100);
    return after / before - 1;
  }

  private static double median(List<Reading> readings, ToDoubleFunction<Reading> of) {
    double[] sorted = readings.stream().mapToDouble(of).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private Process load(ServeProcess gateway) throws IOException {
    return new ProcessBuilder(
            java("java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Linescribe.class.getName(),
            "load",
            ProjectFiles.root().resolve("test-calls/human").toString(),
            "--to=sip:" + gateway.sip(),
            "--http=" + gateway.http(),
            "--calls=" + CALLS,
            "--hold=" + (MINUTES + 5) + "m")
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("load.log").toFile())
        .start();
  }

  private static Reading read(long pid) throws IOException, InterruptedException {
    // Not each collection compacts the whole heap: garbage that it leaves is listed as filler.
    long live =
        diagnose(pid, "GC.class_histogram")
            .lines()
            .filter(line -> !line.contains("jdk.internal.vm.Filler"))
            .map(HISTOGRAM_ROW::matcher)
            .filter(Matcher::find)
            .mapToLong(row -> Long.parseLong(row.group(1)))
            .sum();
    String status = Files.readString(Path.of("/proc/" + pid + "/status"));
    Matcher resident = RESIDENT_KIB.matcher(status);
    assertThat(resident.find()).as(status).isTrue();
    return new Reading(Long.parseLong(resident.group(1)) / 0x1p10, live / 0x1p20);
  }

  private static String diagnose(long pid, String command)
      throws IOException, InterruptedException {
    Process jcmd =
        new ProcessBuilder(java("jcmd").toString(), Long.toString(pid), command)
            .redirectErrorStream(true)
            .start();
    String said = new String(jcmd.getInputStream().readAllBytes());
    assertThat(jcmd.waitFor()).as(said).isZero();
    return said;
  }

  private static Path java(String program) {
    return Path.of(System.getProperty("java.home"), "bin", program);
  }
}
