package org.linescribe.api;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What is owed to one client and not written yet: bounded, in order. A message that must arrive
 * takes a place in the queue; of those that only matter while they are new, the newest alone waits
 * behind the queue, and gives way to any later message that must arrive.
 *
 * <p>Thread: any.
 */
final class Outbox<T> {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition roomOrClosed = lock.newCondition();
  private final ArrayDeque<T> owed = new ArrayDeque<>();
  private final int maxOwed;
  private @Nullable T latest;
  private long offered;
  private long dropped;
  private boolean closed;

  Outbox(int maxOwed) {
    this.maxOwed = maxOwed;
  }

  /**
   * @return false when the bound is reached or the outbox is closed: nothing was taken
   */
  boolean offer(T message) {
    lock.lock();
    try {
      if (closed || owed.size() >= maxOwed) {
        return false;
      }
      add(message);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Replaces what {@code offerLatest} left waiting. */
  void offerLatest(T message) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (latest != null) {
        dropped++;
      }
      latest = message;
      offered++;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for room.
   *
   * @return false when the outbox was closed: nothing was taken
   */
  boolean offerWaiting(T message) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed && owed.size() >= maxOwed) {
        roomOrClosed.await();
      }
      if (closed) {
        return false;
      }
      add(message);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The next message to write, or null. */
  @Nullable T poll() {
    lock.lock();
    try {
      T next = owed.poll();
      if (next == null) {
        next = latest;
        latest = null;
      } else if (owed.size() <= maxOwed / 2) {
        roomOrClosed.signalAll();
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  /** Messages offered so far; one is counted before it can be polled. */
  long offered() {
    lock.lock();
    try {
      return offered;
    } finally {
      lock.unlock();
    }
  }

  /** Messages that gave way to newer ones. */
  long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }

  boolean isOpen() {
    lock.lock();
    try {
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  boolean isEmpty() {
    lock.lock();
    try {
      return owed.isEmpty() && latest == null;
    } finally {
      lock.unlock();
    }
  }

  /** Refuses what comes and wakes who waits; what is owed may still be polled. */
  void close() {
    lock.lock();
    try {
      closed = true;
      roomOrClosed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void add(T message) {
    if (latest != null) {
      latest = null;
      dropped++;
    }
    owed.add(message);
    offered++;
  }
}
