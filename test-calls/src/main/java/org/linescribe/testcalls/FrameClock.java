package org.linescribe.testcalls;

import java.util.concurrent.locks.LockSupport;

/** The clock by which frames are sent and arrivals are stamped. */
public interface FrameClock {
  /** Nanoseconds from an arbitrary origin; never goes back. */
  long nowNs();

  /** Returns at {@code deadlineNs} or soon after it; at once when it has passed. */
  void await(long deadlineNs) throws InterruptedException;

  /** {@link System#nanoTime()}. */
  static FrameClock system() {
    return new FrameClock() {
      @Override
      public long nowNs() {
        return System.nanoTime();
      }

      @Override
      public void await(long deadlineNs) throws InterruptedException {
        for (long left = deadlineNs - nowNs(); left > 0; left = deadlineNs - nowNs()) {
          LockSupport.parkNanos(this, left);
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    };
  }
}
