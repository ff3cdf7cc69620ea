package org.linescribe.api;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Lets a log line that a client can provoke pass only so often, with the number of those held back.
 *
 * <p>Thread: any.
 */
public final class LogGate {
  private final long everyNs;
  private final AtomicLong heldBack = new AtomicLong();
  private final AtomicLong nextNs;

  public LogGate(Duration every) {
    this.everyNs = every.toNanos();
    this.nextNs = new AtomicLong(System.nanoTime());
  }

  /**
   * @param line given the number of lines held back since the last one
   */
  public void log(LongConsumer line) {
    long nowNs = System.nanoTime();
    long dueNs = nextNs.get();
    if (nowNs - dueNs >= 0 && nextNs.compareAndSet(dueNs, nowNs + everyNs)) {
      line.accept(heldBack.getAndSet(0));
    } else {
      heldBack.incrementAndGet();
    }
  }
}
