package org.linescribe.api.http;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Messages for one client that are not written yet: bounded, in order. A message that must arrive
 * is queued; of those that only matter while they are new, the newest alone waits behind the queue,
 * and gives way to any later message that must arrive.
 *
 * <p>Thread: any.
 */
public final class SendQueue<T> {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition notFullOrClosed = lock.newCondition();
  private final ArrayDeque<T> queued = new ArrayDeque<>();
  private final int maxQueued;
  private @Nullable T latest;
  private long offered;
  private long dropped;
  private boolean closed;

  public SendQueue(int maxQueued) {
    this.maxQueued = maxQueued;
  }

  /**
   * @return false when the bound is reached or the queue is closed: nothing was taken
   */
  public boolean offer(T message) {
    lock.lock();
    try {
      if (closed || queued.size() >= maxQueued) {
        return false;
      }
      add(message);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Replaces what {@code offerLatest} left waiting. */
  public void offerLatest(T message) {
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
   * Waits until the queue is not full.
   *
   * @return false when the queue was closed: nothing was taken
   */
  public boolean offerWaiting(T message) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed && queued.size() >= maxQueued) {
        notFullOrClosed.await();
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
  public @Nullable T poll() {
    lock.lock();
    try {
      T next = queued.poll();
      if (next == null) {
        next = latest;
        latest = null;
      } else if (queued.size() <= maxQueued / 2) {
        notFullOrClosed.signalAll();
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  /** Messages offered so far; one is counted before it can be polled. */
  public long offered() {
    lock.lock();
    try {
      return offered;
    } finally {
      lock.unlock();
    }
  }

  /** Messages that gave way to newer ones. */
  public long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }

  public boolean isOpen() {
    lock.lock();
    try {
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  public boolean isEmpty() {
    lock.lock();
    try {
      return queued.isEmpty() && latest == null;
    } finally {
      lock.unlock();
    }
  }

  /** Rejects further messages and wakes blocked senders; queued ones may still be polled. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      notFullOrClosed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void add(T message) {
    if (latest != null) {
      latest = null;
      dropped++;
    }
    queued.add(message);
    offered++;
  }
}
