package org.linescribe.session.pipeline;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Token;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.TranscriptEvent;

/**
 * What each leg says now, under the number that its final will get if it comes next.
 *
 * <p>Thread: the session's writer changes, any reads.
 */
final class OpenUtterances {
  private final SessionId sessionId;
  private final long offsetMs;
  private final List<String> legs;
  private final AtomicReferenceArray<TranscriptEvent.Partial> current;

  /**
   * @param offsetMs from the session's start to this source's
   */
  OpenUtterances(SessionId sessionId, long offsetMs, List<String> legs, long nextSeq) {
    this.sessionId = sessionId;
    this.offsetMs = offsetMs;
    this.legs = List.copyOf(legs);
    this.current = new AtomicReferenceArray<>(legs.size());
    for (int leg = 0; leg < legs.size(); leg++) {
      current.set(leg, silent(leg, nextSeq, offsetMs));
    }
  }

  TranscriptEvent.Partial current(int leg) {
    return current.get(leg);
  }

  /** The leg's new partial when its text or number changed. */
  Optional<TranscriptEvent.Partial> revise(int leg, long nextSeq, Hypothesis hypothesis) {
    TranscriptEvent.Partial partial =
        new TranscriptEvent.Partial(
            sessionId,
            nextSeq,
            legs.get(leg),
            hypothesis.text(),
            offsetMs + hypothesis.startMs(),
            offsetMs + hypothesis.endMs(),
            confidence(hypothesis.tokens()));
    TranscriptEvent.Partial before = current.getAndSet(leg, partial);
    return before.text().equals(partial.text()) && before.seq() == partial.seq()
        ? Optional.empty()
        : Optional.of(partial);
  }

  /** The leg's final under its number, on the session's timeline. */
  Segment segment(int leg, long seq, Hypothesis hypothesis, String model, Instant at) {
    return new Segment(
        sessionId,
        seq,
        legs.get(leg),
        hypothesis.text(),
        offsetMs + hypothesis.startMs(),
        offsetMs + hypothesis.endMs(),
        hypothesis.tokens().stream()
            .map(t -> new Token(t.text(), offsetMs + t.startMs(), t.probability()))
            .toList(),
        model,
        at);
  }

  private static double confidence(List<Token> tokens) {
    return tokens.stream()
        .mapToDouble(Token::probability)
        .filter(p -> !Double.isNaN(p))
        .average()
        .orElse(Double.NaN);
  }

  private TranscriptEvent.Partial silent(int leg, long nextSeq, long atMs) {
    return new TranscriptEvent.Partial(
        sessionId, nextSeq, legs.get(leg), "", atMs, atMs, Double.NaN);
  }

  /** The leg's utterance ended, in the source's time. */
  void finished(int leg, long nextSeq, long endMs) {
    current.set(leg, silent(leg, nextSeq, offsetMs + endMs));
  }

  /**
   * After another leg's final this one's coming number is the next; its partial when it has text.
   */
  Optional<TranscriptEvent.Partial> renumber(int leg, long nextSeq) {
    TranscriptEvent.Partial open = current.get(leg);
    if (open.text().isEmpty()) {
      current.set(leg, silent(leg, nextSeq, open.endMs()));
      return Optional.empty();
    }
    TranscriptEvent.Partial moved =
        new TranscriptEvent.Partial(
            sessionId,
            nextSeq,
            open.leg(),
            open.text(),
            open.startMs(),
            open.endMs(),
            open.confidence());
    current.set(leg, moved);
    return Optional.of(moved);
  }
}
