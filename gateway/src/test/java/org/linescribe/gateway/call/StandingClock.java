package org.linescribe.gateway.call;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Nanoseconds that pass only when a test says so: no packet is late because a thread was. */
final class StandingClock implements LongSupplier {
  private final AtomicLong nowNs = new AtomicLong(System.nanoTime());

  void advance(Duration by) {
    nowNs.addAndGet(by.toNanos());
  }

  @Override
  public long getAsLong() {
    return nowNs.get();
  }
}
