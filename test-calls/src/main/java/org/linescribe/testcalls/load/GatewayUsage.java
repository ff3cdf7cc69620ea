package org.linescribe.testcalls.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What Linux says of the gateway's process and of those that it started: worker processes of a
 * model, FFmpeg. Thread: any.
 *
 * <p>Source: proc(5), {@code /proc/PID/stat} fields 14 to 17, {@code /proc/PID/status} VmRSS, and
 * {@code /proc/PID/smaps_rollup} Pss.
 *
 * @param pid of a process on this machine
 */
public record GatewayUsage(long pid) {
  /** USER_HZ, which Linux fixes for user space. */
  private static final double TICKS_PER_SECOND = 100;

  /**
   * @throws IllegalArgumentException no such process can be read
   */
  public static GatewayUsage of(long pid) {
    GatewayUsage usage = new GatewayUsage(pid);
    try {
      usage.cpuSeconds();
      usage.residentMiB();
      return usage;
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "--pid: "
              + pid
              + " (expected: the gateway's process on this machine, which needs Linux's /proc): "
              + e.getMessage(),
          e);
    }
  }

  /** Its own and its children's, those that have ended included. */
  public double cpuSeconds() throws IOException {
    // The children first: what one that ends in between used is then in its parent's figure too,
    // and one reading is too high; the other way round it would be missing, and the next one less.
    long ticks = 0;
    for (long child : children()) {
      try {
        ticks += ticks(child);
      } catch (IOException ended) {
        // Its parent has waited for it and has its time.
      }
    }
    return (ticks + ticks(pid)) / TICKS_PER_SECOND;
  }

  /**
   * Its resident memory, and of each child its share: a page that several processes have, such as a
   * library's, counts once among them.
   */
  public double residentMiB() throws IOException {
    double mib = mib(pid, "status", "VmRSS:");
    for (long child : children()) {
      try {
        mib += mib(child, "smaps_rollup", "Pss:");
      } catch (IOException ended) {
        // It has no memory any more.
      }
    }
    return mib;
  }

  private List<Long> children() {
    return ProcessHandle.of(pid).stream()
        .flatMap(ProcessHandle::descendants)
        .map(ProcessHandle::pid)
        .toList();
  }

  private static long ticks(long process) throws IOException {
    String stat = Files.readString(file(process, "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    long ticks = 0;
    for (int i = 11; i <= 14; i++) {
      ticks += Long.parseLong(fields[i]);
    }
    return ticks;
  }

  private static double mib(long process, String file, String key) throws IOException {
    try (Stream<String> lines = Files.lines(file(process, file))) {
      String line =
          lines
              .filter(l -> l.startsWith(key))
              .findFirst()
              .orElseThrow(() -> new IOException("it has ended"));
      return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
    }
  }

  private static Path file(long process, String name) {
    return Path.of("/proc", Long.toString(process), name);
  }
}
