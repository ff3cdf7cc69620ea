package org.linescribe.asr.scheduler;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * How many more streams the processors have time for, by what this process takes of them for the
 * open ones: recognition, the line and the database together. Other programs' share counts as
 * taken.
 *
 * <p>Thread: any.
 */
final class ProcessorRoom {
  /** Beyond this share of all processors streams wait for each other. */
  static final double FULL = 0.9;

  /** Below it what a stream takes is lost in what the process does without any. */
  static final double LEAST_USE = 0.02;

  private static final Duration MAX_AGE = Duration.ofSeconds(2);

  private final Supplier<Use> measure;
  private Use use = new Use(0, 0);
  private long measuredNs;

  /**
   * Shares of all processors since the measurement before.
   *
   * @param process from 0 to 1
   * @param machine from 0 to 1, this process with it; negative where it is not known
   */
  record Use(double process, double machine) {
    OptionalInt moreStreams(int open) {
      if (open == 0 || process < LEAST_USE || machine < 0) {
        return OptionalInt.empty();
      }
      double free = Math.max(0, FULL - Math.max(machine, process));
      return OptionalInt.of((int) (open * free / process));
    }
  }

  ProcessorRoom(Supplier<Use> measure, long nowNs) {
    this.measure = measure;
    this.measuredNs = nowNs - MAX_AGE.toNanos();
  }

  /** Of the machine, or of the container that this process is in. */
  static ProcessorRoom ofMachine(long nowNs) {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new ProcessorRoom(() -> new Use(system.getProcessCpuLoad(), system.getCpuLoad()), nowNs);
  }

  /** Empty where no stream is open, or what one takes is not known. */
  synchronized OptionalInt moreStreams(int open, long nowNs) {
    if (nowNs - measuredNs >= MAX_AGE.toNanos()) {
      use = measure.get();
      measuredNs = nowNs;
    }
    return use.moreStreams(open);
  }
}
