package org.linescribe.api.http;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Messages for one client that are not written yet: bounded, in order. A message that must arrive
 * is queued; of those that only matter while they are new, the newest alone waits behind the queue,
 * and gives way to any later message that must arrive.
 *
 * <p>Thread: any.
 */
public final class SendQueue<T> {
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
  public synchronized boolean offer(T message) {
    if (closed || queued.size() >= maxQueued) {
      return false;
    }
    add(message);
    return true;
  }

  /** Replaces what {@code offerLatest} left waiting. */
  public synchronized void offerLatest(T message) {
    if (closed) {
      return;
    }
    if (latest != null) {
      dropped++;
    }
    latest = message;
    offered++;
  }

  /**
   * Waits until the queue is not full.
   *
   * @return false when the queue was closed: nothing was taken
   */
  public synchronized boolean offerWaiting(T message) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    while (!closed && queued.size() >= maxQueued) {
      wait();
    }
    if (closed) {
      return false;
    }
    add(message);
    return true;
  }

  /** The next message to write, or null. */
  public synchronized @Nullable T poll() {
    T next = queued.poll();
    if (next == null) {
      next = latest;
      latest = null;
    } else if (queued.size() <= maxQueued / 2) {
      notifyAll();
    }
    return next;
  }

  /** Messages offered so far; one is counted before it can be polled. */
  public synchronized long offered() {
    return offered;
  }

  /** Messages that gave way to newer ones. */
  public synchronized long dropped() {
    return dropped;
  }

  public synchronized boolean isOpen() {
    return !closed;
  }

  public synchronized boolean isEmpty() {
    return queued.isEmpty() && latest == null;
  }

  /** Rejects further messages and wakes blocked senders; queued ones may still be polled. */
  public synchronized void close() {
    closed = true;
    notifyAll();
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
