package org.linescribe.media.format;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A clock that stands still, so that no child is too slow on any machine, until a test lets it
 * advance with every look that the watchdog takes at it.
 */
final class WatchdogsClock implements LongSupplier {
  private final AtomicLong nowNs = new AtomicLong();
  private final AtomicInteger looks = new AtomicInteger();
  private volatile long stepNs;

  void advanceWithEveryLook(Duration step) {
    stepNs = step.toNanos();
  }

  void stop() {
    stepNs = 0;
  }

  /** How often the watchdog looked. */
  int looks() {
    return looks.get();
  }

  @Override
  public long getAsLong() {
    if (!Thread.currentThread().getName().equals("ffmpeg-watchdog")) {
      return nowNs.get();
    }
    looks.incrementAndGet();
    return nowNs.addAndGet(stepNs);
  }
}
