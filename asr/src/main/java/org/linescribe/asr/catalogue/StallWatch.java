package org.linescribe.asr.catalogue;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Closes a download's body when nothing comes of it: {@code HttpClient}'s own time-out ends with
 * the headers, and a read of the body would wait for ever.
 *
 * <p>Thread: the reader's, and one of its own until {@link #close}.
 */
final class StallWatch implements AutoCloseable {
  private final InputStream body;
  private final long limitNs;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile long movedNs = System.nanoTime();
  private volatile boolean stalled;

  StallWatch(InputStream body, Duration limit) {
    this.body = body;
    this.limitNs = limit.toNanos();
    Thread.ofVirtual().name("model-download-watch").start(this::watch);
  }

  private void watch() {
    try {
      long leftNs = limitNs;
      while (!done.await(leftNs, TimeUnit.NANOSECONDS)) {
        leftNs = limitNs - (System.nanoTime() - movedNs);
        if (leftNs <= 0) {
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
    movedNs = System.nanoTime();
  }

  boolean isStalled() {
    return stalled;
  }

  @Override
  public void close() {
    done.countDown();
  }
}
