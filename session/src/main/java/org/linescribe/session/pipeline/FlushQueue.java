package org.linescribe.session.pipeline;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Requests to flush and to close, one after another: each is done when every leg has brought its
 * open utterance to an end.
 *
 * <p>Thread: the session's writer.
 */
final class FlushQueue {
  private final List<LegVoice> legs;
  private final LegRecognisers recognisers;
  private final Consumer<Note.Flush> onBegin;
  private final Consumer<Note.Close> onClose;
  private final Deque<Note> requests = new ArrayDeque<>();
  private BitSet unflushed = new BitSet();

  /**
   * @param onBegin told before a flush begins: one that is asked for from now on is another
   * @param onClose told when the legs are flushed for a close
   */
  FlushQueue(
      List<LegVoice> legs,
      LegRecognisers recognisers,
      Consumer<Note.Flush> onBegin,
      Consumer<Note.Close> onClose) {
    this.legs = legs;
    this.recognisers = recognisers;
    this.onBegin = onBegin;
    this.onClose = onClose;
  }

  void add(Note.Flush flush) {
    enqueue(flush);
  }

  void add(Note.Close close) {
    enqueue(close);
  }

  private void enqueue(Note request) {
    requests.addLast(request);
    if (requests.size() == 1) {
      begin();
    }
  }

  private void begin() {
    unflushed = recognisers.alive();
    if (requests.peekFirst() instanceof Note.Flush flush) {
      onBegin.accept(flush);
      for (int leg = unflushed.nextSetBit(0); leg >= 0; leg = unflushed.nextSetBit(leg + 1)) {
        if (!legs.get(leg).flushAsked()) {
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

  /** The leg has no open utterance any more, or nobody who could end it. */
  void flushed(int leg) {
    if (unflushed.get(leg)) {
      unflushed.clear(leg);
      if (unflushed.isEmpty()) {
        conclude();
      }
    }
  }

  private void conclude() {
    Note request = requests.pollFirst();
    if (request instanceof Note.Flush flush) {
      flush.done().complete(null);
    } else if (request instanceof Note.Close close) {
      onClose.accept(close);
    }
    if (!requests.isEmpty()) {
      begin();
    }
  }

  /** The close that waits, if one does. */
  Optional<Note.Close> waitingClose() {
    return requests.stream()
        .filter(Note.Close.class::isInstance)
        .map(Note.Close.class::cast)
        .findFirst();
  }

  /** Legs whose open utterance has not ended yet. */
  int unflushedLegs() {
    return unflushed.cardinality();
  }

  /** Ends every request that waits: the source is closed. */
  void release() {
    for (Note waiting : requests) {
      if (waiting instanceof Note.Flush flush) {
        flush.done().complete(null);
      }
    }
    requests.clear();
  }
}
