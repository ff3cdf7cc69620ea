package org.linescribe.testcalls;

import java.util.concurrent.locks.LockSupport;

/** The clock that paces frames and timestamps arrivals. */
public interface FrameClock {
  /** Nanoseconds from an arbitrary origin; monotonic. */
  long nowNs();

  /** Returns at or soon after {@code deadlineNs}; at once when it has passed. */
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
