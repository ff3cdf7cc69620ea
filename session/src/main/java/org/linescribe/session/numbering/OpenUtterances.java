package org.linescribe.session.numbering;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Token;
import org.linescribe.session.Participant;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;

/**
 * The open utterance of each leg, under the number that its final will get if it is the next.
 *
 * <p>Thread: the session's writer changes, any reads.
 */
final class OpenUtterances {
  private final SessionId sessionId;
  private final long offsetMs;
  private final List<String> legs;
  private final LegParticipants participants;
  private final LegLanguages languages;
  private final AtomicReferenceArray<TranscriptEvent.Partial> current;
  private final AtomicReferenceArray<@Nullable Hypothesis> heard;

  /**
   * @param offsetMs from the session's start to this source's
   * @param maxLegs that there may be, with those that are added
   */
  OpenUtterances(
      SessionId sessionId,
      long offsetMs,
      List<SourceRequest.Leg> asked,
      int maxLegs,
      long nextSeq) {
    this.sessionId = sessionId;
    this.offsetMs = offsetMs;
    this.legs = new CopyOnWriteArrayList<>(asked.stream().map(SourceRequest.Leg::name).toList());
    this.languages = new LegLanguages(maxLegs);
    this.participants = new LegParticipants(asked);
    this.current = new AtomicReferenceArray<>(maxLegs);
    this.heard = new AtomicReferenceArray<>(maxLegs);
    for (int leg = 0; leg < legs.size(); leg++) {
      current.set(leg, silent(leg, nextSeq, offsetMs));
    }
  }

  /**
   * A leg more. Thread: the source's caller, before anybody knows the leg.
   *
   * @param atMs where it begins, in the source's time
   */
  void add(SourceRequest.Leg leg, long nextSeq, long atMs) {
    participants.add(leg);
    legs.add(leg.name());
    current.set(legs.size() - 1, silent(legs.size() - 1, nextSeq, offsetMs + atMs));
  }

  /** The leg's recogniser said this last of its open utterance. Thread: the session's writer. */
  void heard(int leg, Hypothesis hypothesis) {
    heard.set(leg, hypothesis);
  }

  /** What was heard of the leg's open utterance, if there are words. */
  Optional<Hypothesis> heard(int leg) {
    return Optional.ofNullable(heard.get(leg)).filter(hypothesis -> !hypothesis.isEmpty());
  }

  TranscriptEvent.Partial current(int leg) {
    return current.get(leg);
  }

  /** The leg's new partial when its text or number changed. */
  Optional<TranscriptEvent.Partial> revise(int leg, long nextSeq, Hypothesis hypothesis) {
    TranscriptEvent.Partial before = current.get(leg);
    TranscriptEvent.Partial partial =
        new TranscriptEvent.Partial(
            sessionId,
            nextSeq,
            legs.get(leg),
            hypothesis.text(),
            offsetMs + hypothesis.startMs(),
            offsetMs + hypothesis.endMs(),
            confidence(hypothesis.tokens()),
            stableChars(before.text(), hypothesis.text()));
    current.set(leg, partial);
    return before.text().equals(partial.text()) && before.seq() == partial.seq()
        ? Optional.empty()
        : Optional.of(partial);
  }

  /** Length of the whole words at the begin that both have. */
  static int stableChars(String before, String text) {
    int stable = 0;
    int length = Math.min(before.length(), text.length());
    for (int i = 0; i <= length; i++) {
      boolean wordEnds =
          (i == before.length() || before.charAt(i) == ' ')
              && (i == text.length() || text.charAt(i) == ' ');
      stable = wordEnds ? i : stable;
      if (i < length && before.charAt(i) != text.charAt(i)) {
        break;
      }
    }
    return stable;
  }

  /**
   * A place on the session's timeline.
   *
   * @param atMs from the source's start
   */
  long onTimeline(long atMs) {
    return offsetMs + atMs;
  }

  /**
   * A key that was pressed, on the session's timeline.
   *
   * @param atMs from the source's start
   */
  TranscriptEvent.Dtmf key(int leg, long nextSeq, char digit, long atMs) {
    return new TranscriptEvent.Dtmf(sessionId, nextSeq, legs.get(leg), digit, offsetMs + atMs);
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
        at,
        participants.at(leg, hypothesis.startMs()),
        languages.of(leg, hypothesis));
  }

  /** Another participant speaks on a leg, from a position in the source's time on. */
  void participant(int leg, long fromMs, Participant participant) {
    participants.changed(leg, fromMs, participant);
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
    heard.set(leg, null);
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
            open.confidence(),
            open.stableChars());
    current.set(leg, moved);
    return Optional.of(moved);
  }
}
