package org.linescribe.testcalls.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What Linux says of the gateway's process. Thread: any.
 *
 * <p>Source: proc(5), {@code /proc/PID/stat} fields 14 to 17 and {@code /proc/PID/status} VmRSS.
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

  /** Its own, and what its ended children (FFmpeg) used. */
  public double cpuSeconds() throws IOException {
    String stat = Files.readString(file("stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    long ticks = 0;
    for (int i = 11; i <= 14; i++) {
      ticks += Long.parseLong(fields[i]);
    }
    return ticks / TICKS_PER_SECOND;
  }

  public double residentMiB() throws IOException {
    try (Stream<String> lines = Files.lines(file("status"))) {
      String line =
          lines
              .filter(l -> l.startsWith("VmRSS:"))
              .findFirst()
              .orElseThrow(() -> new IOException("it has ended"));
      return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
    }
  }

  private Path file(String name) {
    return Path.of("/proc", Long.toString(pid), name);
  }
}
