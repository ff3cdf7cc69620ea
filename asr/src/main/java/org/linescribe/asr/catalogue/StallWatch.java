package org.linescribe.asr.catalogue;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Closes a download's body when nothing comes of it: {@code HttpClient}'s own time-out ends with
 * the headers, and a read of the body would wait for ever.
 *
 * <p>Thread: the reader's, and one of its own until {@link #close}.
 */
final class StallWatch implements AutoCloseable {
  private static final long LOOK_EVERY_MS = 500;

  private final InputStream body;
  private final long limitNs;
  private final LongSupplier nanoClock;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile long movedNs;
  private volatile boolean stalled;

  StallWatch(InputStream body, Duration limit, LongSupplier nanoClock) {
    this.body = body;
    this.limitNs = limit.toNanos();
    this.nanoClock = nanoClock;
    this.movedNs = nanoClock.getAsLong();
    Thread.ofVirtual().name("model-download-watch").start(this::watch);
  }

  private void watch() {
    try {
      while (!done.await(LOOK_EVERY_MS, TimeUnit.MILLISECONDS)) {
        if (nanoClock.getAsLong() - movedNs >= limitNs) {
          stalled = true;
          body.close();
          return;
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (IOException closing) {
      // The reader hears of it by its own read.
    }
  }

  /** Something came. */
  void moved() {
    movedNs = nanoClock.getAsLong();
  }

  boolean isStalled() {
    return stalled;
  }

  @Override
  public void close() {
    done.countDown();
  }
}
