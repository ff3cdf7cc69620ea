package org.linescribe.session.numbering;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.leg.LegAudioFeed;
import org.linescribe.session.leg.LegRecognisers;
import org.linescribe.session.leg.SourceMessage;

/**
 * Requests to flush and to close, one after another: each is complete when every leg has ended its
 * open utterance.
 *
 * <p>Thread: the session's writer.
 */
final class FlushRequests {
  private final List<LegAudioFeed> legs;
  private final LegRecognisers recognisers;
  private final Consumer<SourceMessage.Close> onClose;
  private final AtomicReference<@Nullable CompletableFuture<@Nullable Void>> pending =
      new AtomicReference<>();
  private final Deque<SourceMessage> requests = new ArrayDeque<>();
  private BitSet unflushed = new BitSet();

  /**
   * @param onClose called when the legs are flushed for a close
   */
  FlushRequests(
      List<LegAudioFeed> legs, LegRecognisers recognisers, Consumer<SourceMessage.Close> onClose) {
    this.legs = legs;
    this.recognisers = recognisers;
    this.onClose = onClose;
  }

  /**
   * The flush that was requested and has not begun, which is {@code requested} itself when there
   * was none. It serves every caller until it begins, so a flood of requests is one flush. Thread:
   * any.
   */
  CompletableFuture<@Nullable Void> pendingOr(CompletableFuture<@Nullable Void> requested) {
    return pending.updateAndGet(present -> present == null ? requested : present);
  }

  void add(SourceMessage.Flush flush) {
    enqueue(flush);
  }

  void add(SourceMessage.Close close) {
    enqueue(close);
  }

  private void enqueue(SourceMessage request) {
    requests.addLast(request);
    if (requests.size() == 1) {
      begin();
    }
  }

  private void begin() {
    unflushed = recognisers.alive();
    if (requests.peekFirst() instanceof SourceMessage.Flush flush) {
      // A flush that is requested from now on is another one.
      pending.compareAndSet(flush.done(), null);
      for (int leg = unflushed.nextSetBit(0); leg >= 0; leg = unflushed.nextSetBit(leg + 1)) {
        if (!legs.get(leg).flushRequested()) {
          unflushed.clear(leg);
        }
      }
    } else {
      unflushed.stream().forEach(leg -> legs.get(leg).flushAll());
    }
    if (unflushed.isEmpty()) {
      conclude();
    }
  }

  /** The leg has no open utterance any more, or no recogniser that could end it. */
  void flushed(int leg) {
    if (unflushed.get(leg)) {
      unflushed.clear(leg);
      if (unflushed.isEmpty()) {
        conclude();
      }
    }
  }

  private void conclude() {
    SourceMessage request = requests.pollFirst();
    if (request instanceof SourceMessage.Flush flush) {
      flush.done().complete(null);
    } else if (request instanceof SourceMessage.Close close) {
      onClose.accept(close);
    }
    if (!requests.isEmpty()) {
      begin();
    }
  }

  /** The queued close, if there is one. */
  Optional<SourceMessage.Close> waitingClose() {
    return requests.stream()
        .filter(SourceMessage.Close.class::isInstance)
        .map(SourceMessage.Close.class::cast)
        .findFirst();
  }

  /** Legs whose open utterance has not ended yet. */
  int unflushedLegs() {
    return unflushed.cardinality();
  }

  /** Completes every queued request, because the source is closed. */
  void release() {
    for (SourceMessage waiting : requests) {
      if (waiting instanceof SourceMessage.Flush flush) {
        flush.done().complete(null);
      }
    }
    requests.clear();
  }
}
