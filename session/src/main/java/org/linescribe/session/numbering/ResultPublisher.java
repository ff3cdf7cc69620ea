package org.linescribe.session.numbering;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.linescribe.asr.Hypothesis;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SourceListener;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.leg.LegAudioFeed;
import org.linescribe.session.tracing.SessionStep;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Announces a source's results to readers and to its listener: partials as they come, finals when
 * they are numbered and stored.
 *
 * <p>Thread: the session's writer.
 */
final class ResultPublisher {
  private static final Logger LOG = LoggerFactory.getLogger(ResultPublisher.class);

  private final SourceContext context;
  private final SourceOpening opening;
  private final SourceListener listener;
  private final List<LegAudioFeed> legs;
  private final Sequencer sequencer;
  private final OpenUtterances utterances;
  private final SessionId sessionId;

  ResultPublisher(
      SourceContext context,
      SourceOpening opening,
      SourceListener listener,
      List<LegAudioFeed> legs,
      Sequencer sequencer,
      OpenUtterances utterances) {
    this.context = context;
    this.opening = opening;
    this.listener = listener;
    this.legs = legs;
    this.sequencer = sequencer;
    this.utterances = utterances;
    this.sessionId = opening.request().sessionId();
  }

  /** Another hypothesis of a leg's open utterance. */
  void revise(int leg, Hypothesis hypothesis) {
    utterances.heard(leg, hypothesis);
    utterances
        .revise(leg, sequencer.nextSeq(), context.text().partial(hypothesis))
        .ifPresent(this::announcePartial);
  }

  /** A key was pressed on a leg. */
  void key(int leg, char digit, long atMs) {
    announce(utterances.key(leg, sequencer.nextSeq(), digit, atMs));
  }

  /** Numbers, stores, then announces a final; false when the lease is lost. */
  boolean commit(int leg, Hypothesis hypothesis, String model) {
    long seq = sequencer.nextSeq();
    long startNs = System.nanoTime();
    Optional<Segment> kept =
        sequencer.append(number -> utterances.segment(leg, number, hypothesis, model, now()));
    long storedNs = System.nanoTime();
    opening.trace().step(new SessionStep.Stored(seq, kept.isPresent()), startNs, storedNs);
    if (kept.isEmpty()) {
      context.meters().abandoned.increment();
      return false;
    }
    context.meters().finals.increment();
    announce(new TranscriptEvent.Final(kept.get()));
    opening.trace().step(new SessionStep.Announced(seq), storedNs, System.nanoTime());
    renumber(leg, hypothesis.endMs());
    return true;
  }

  /** After a final every open utterance's coming number is the next one. */
  private void renumber(int finishedLeg, long endMs) {
    long nextSeq = sequencer.nextSeq();
    for (int leg = 0; leg < legs.size(); leg++) {
      if (leg == finishedLeg) {
        utterances.finished(leg, nextSeq, endMs);
      } else {
        utterances.renumber(leg, nextSeq).ifPresent(this::announcePartial);
      }
    }
  }

  /** Keeps and announces the end of the source, unless another one has the session. */
  void end(Instant openedAt, String reason) {
    if (sequencer.end(openedAt, now(), reason)) {
      context.live().publish(new TranscriptEvent.Ended(sessionId, sequencer.nextSeq(), reason));
    }
  }

  private void announcePartial(TranscriptEvent.Partial partial) {
    context.meters().partials.increment();
    announce(partial);
  }

  private void announce(TranscriptEvent event) {
    context.live().publish(event);
    try {
      listener.onEvent(event);
    } catch (RuntimeException bug) {
      LOG.error("Session {}: its listener failed to take an event", sessionId, bug);
    }
  }

  private Instant now() {
    return context.clock().instant().truncatedTo(ChronoUnit.MICROS);
  }
}
