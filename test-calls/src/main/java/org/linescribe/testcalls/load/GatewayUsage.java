package org.linescribe.testcalls.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What Linux says of the gateway's process and of those that it started: worker processes of a
 * model, FFmpeg. Thread: one at a time.
 *
 * <p>Source: proc(5), {@code /proc/PID/stat} fields 14 to 17, {@code /proc/PID/status} VmRSS, and
 * {@code /proc/PID/smaps_rollup} Pss.
 */
public final class GatewayUsage {
  /** USER_HZ, which Linux fixes for user space. */
  private static final double TICKS_PER_SECOND = 100;

  private final long pid;
  private Map<Long, Ticks> read = Map.of();
  private long ticks;

  /**
   * @param own of the process
   * @param all its own and those of the children that have ended and that it has waited for
   */
  private record Ticks(long own, long all) {
    static final Ticks NONE = new Ticks(0, 0);
  }

  private GatewayUsage(long pid) {
    this.pid = pid;
  }

  /**
   * @param pid of a process on this machine
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

  /**
   * Its own and its children's, those that have ended included as far as their parents waited for
   * them. Never less than before.
   */
  public double cpuSeconds() throws IOException {
    Map<Long, Ticks> now = new HashMap<>();
    for (long child : children()) {
      try {
        now.put(child, ticks(child));
      } catch (IOException ended) {
        // Its parent has waited for it and has its time.
      }
    }
    now.put(pid, ticks(pid));
    long own = 0;
    long all = 0;
    for (Map.Entry<Long, Ticks> process : now.entrySet()) {
      Ticks before = read.getOrDefault(process.getKey(), Ticks.NONE);
      own += Math.max(0, process.getValue().own() - before.own());
      all += process.getValue().all() - before.all();
    }
    for (Map.Entry<Long, Ticks> before : read.entrySet()) {
      // Its parent has it all now, unless nobody waited for it.
      all -= now.containsKey(before.getKey()) ? 0 : before.getValue().all();
    }
    ticks += Math.max(own, all);
    read = now;
    return ticks / TICKS_PER_SECOND;
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

  private static Ticks ticks(long process) throws IOException {
    String stat = Files.readString(file(process, "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    long own = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    return new Ticks(own, own + Long.parseLong(fields[13]) + Long.parseLong(fields[14]));
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
