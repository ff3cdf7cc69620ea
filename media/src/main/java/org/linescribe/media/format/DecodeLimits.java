package org.linescribe.media.format;

import java.time.Duration;

/**
 * What one child may use before it is killed.
 *
 * @param stall longest time without progress while input is pending or after its end; time in which
 *     the sink is busy does not count
 * @param total longest life of the child by the wall clock; zero: no bound
 * @param cpu most processor time, rounded up to seconds
 * @param memoryBytes most address space of the child, at least 192 MiB
 * @param outputBytes most PCM that it may produce
 */
public record DecodeLimits(
    Duration stall, Duration total, Duration cpu, long memoryBytes, long outputBytes) {
  private static final long MIB = 1024L * 1024;

  public DecodeLimits {
    if (stall.toMillis() < 10) {
      throw new IllegalArgumentException("stall: " + stall + " (expected: at least 10 ms)");
    }
    if (total.isNegative()) {
      throw new IllegalArgumentException("total: " + total + " (expected: 0 or more)");
    }
    if (cpu.toSeconds() < 1) {
      throw new IllegalArgumentException("cpu: " + cpu + " (expected: at least 1 s)");
    }
    if (memoryBytes < 192 * MIB) {
      throw new IllegalArgumentException(
          "memoryBytes: " + memoryBytes + " (expected: at least " + 192 * MIB + ")");
    }
    if (outputBytes < 1) {
      throw new IllegalArgumentException("outputBytes: " + outputBytes + " (expected: >= 1)");
    }
  }

  /** For a live stream: no bound on its life, an hour of processor time, a day of audio. */
  public static DecodeLimits live() {
    return new DecodeLimits(
        Duration.ofSeconds(15), Duration.ZERO, Duration.ofHours(1), 512 * MIB, 40_000 * MIB);
  }

  /** For a file of up to 100 MB: ten minutes, 12 hours of 16 kHz floats. */
  public static DecodeLimits file() {
    return new DecodeLimits(
        Duration.ofSeconds(30),
        Duration.ofMinutes(10),
        Duration.ofMinutes(10),
        512 * MIB,
        2800 * MIB);
  }

  public DecodeLimits withStall(Duration bound) {
    return new DecodeLimits(bound, total, cpu, memoryBytes, outputBytes);
  }

  public DecodeLimits withTotal(Duration bound) {
    return new DecodeLimits(stall, bound, cpu, memoryBytes, outputBytes);
  }

  public DecodeLimits withOutputBytes(long bound) {
    return new DecodeLimits(stall, total, cpu, memoryBytes, bound);
  }
}
