package org.linescribe.api.http;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Lets a log line that a client can provoke pass only so often, with the number of those held back.
 *
 * <p>Thread: any.
 */
public final class LogGate {
  private final long everyNs;
  private final LongSupplier nanoClock;
  private final AtomicLong heldBack = new AtomicLong();
  private final AtomicLong nextNs;

  public LogGate(Duration every) {
    this(every, System::nanoTime);
  }

  LogGate(Duration every, LongSupplier nanoClock) {
    this.everyNs = every.toNanos();
    this.nanoClock = nanoClock;
    this.nextNs = new AtomicLong(nanoClock.getAsLong());
  }

  /**
   * @param line given the number of lines held back since the last one
   */
  public void log(LongConsumer line) {
    long nowNs = nanoClock.getAsLong();
    long dueNs = nextNs.get();
    if (nowNs - dueNs >= 0 && nextNs.compareAndSet(dueNs, nowNs + everyNs)) {
      line.accept(heldBack.getAndSet(0));
    } else {
      heldBack.incrementAndGet();
    }
  }
}
