package org.linescribe.api.websocket;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Messages that were read of a client while its API takes none, within a budget of all clients.
 *
 * <p>Without it a client that sends faster than its audio is decoded loses its end: its close waits
 * behind what TCP holds, and it cuts the connection when nobody answers that within 10 s (Python's
 * websockets) or 30 s (ws, the JDK).
 *
 * <p>Thread: the peer's event loop; the budget any.
 */
final class ReadAhead {
  /** Of an object and its place in the queue. */
  private static final int OVERHEAD_BYTES = 64;

  /**
   * What all clients share.
   *
   * @param bytes most that may wait
   * @param used what waits now
   */
  record Budget(long bytes, AtomicLong used) {
    Budget(long bytes) {
      this(bytes, new AtomicLong());
    }
  }

  private final Budget budget;
  private final Deque<FrameAssembly.Message> messages = new ArrayDeque<>();
  private long bytes;

  ReadAhead(Budget budget) {
    this.budget = budget;
  }

  boolean hasSpace() {
    return bytes < budget.bytes() / 4 && budget.used().get() < budget.bytes();
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  void add(FrameAssembly.Message message) {
    messages.addLast(message);
    account(size(message));
  }

  /** The oldest, or null. */
  FrameAssembly.@Nullable Message poll() {
    FrameAssembly.Message first = messages.pollFirst();
    if (first != null) {
      account(-size(first));
    }
    return first;
  }

  void clear() {
    messages.clear();
    account(-bytes);
  }

  private void account(long change) {
    bytes += change;
    budget.used().addAndGet(change);
  }

  private static long size(FrameAssembly.Message message) {
    return OVERHEAD_BYTES
        + switch (message) {
          case FrameAssembly.Binary binary -> (long) binary.bytes().length;
          case FrameAssembly.Text text -> 2L * text.text().length();
        };
  }
}
