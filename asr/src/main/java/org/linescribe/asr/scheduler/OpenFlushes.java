package org.linescribe.asr.scheduler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The flushes of a stream that are not complete, each at its place in the audio. Positions are the
 * stream's {@link AudioQueue}'s.
 *
 * <p>Thread: guarded by its stream's lock.
 */
final class OpenFlushes {
  /** Everything before the position is to be recognised; then the stage completes. */
  record Flush(long position, CompletableFuture<Void> stage) {}

  private final ArrayDeque<Flush> inOrder = new ArrayDeque<>();

  void add(long position, CompletableFuture<Void> stage) {
    inOrder.add(new Flush(position, stage));
  }

  boolean isEmpty() {
    return inOrder.isEmpty();
  }

  /** Samples before the next flush, {@code Long.MAX_VALUE} when there is none. */
  long samplesAhead(long polledPosition) {
    Flush flush = inOrder.peek();
    return flush == null ? Long.MAX_VALUE : flush.position - polledPosition;
  }

  /** The next flush, when everything before it was polled. */
  @Nullable Flush reached(long polledPosition) {
    return samplesAhead(polledPosition) <= 0 ? inOrder.peek() : null;
  }

  void remove(Flush flush) {
    inOrder.remove(flush);
  }

  /** All of them, which are forgotten here. */
  List<Flush> takeAll() {
    List<Flush> all = new ArrayList<>(inOrder);
    inOrder.clear();
    return all;
  }
}
