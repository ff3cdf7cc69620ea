package org.linescribe.session.pipeline;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.store.StoreWrite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session's one writer while its source is open: it alone numbers, keeps and announces.
 *
 * <p>Thread: a virtual thread of its own takes the notes in {@link Mailbox}; the door's calls only
 * queue audio or post notes.
 */
final class SourceWriter implements SessionSource {
  private static final Logger LOG = LoggerFactory.getLogger(SourceWriter.class);

  private final SourceSurroundings around;
  private final SourceOpening opening;
  private final SourceListener listener;
  private final Consumer<SourceWriter> onFinished;
  private final SessionId sessionId;
  private final Mailbox mailbox;
  private final List<LegVoice> legs = new ArrayList<>();
  private final LegRecognisers recognisers;
  private final FlushQueue flushes;
  private final Sequencer sequencer;
  private final OpenUtterances utterances;
  private final CompletableFuture<@Nullable Void> finished = new CompletableFuture<>();
  private final AtomicBoolean closing = new AtomicBoolean();
  private volatile boolean endedByDoor;
  private final SourceTimes times;
  private final ComingFlush comingFlush = new ComingFlush();
  private volatile StoreWrite.Opened description;
  private boolean done;

  SourceWriter(
      SourceSurroundings around,
      SourceOpening opening,
      SourceListener listener,
      Consumer<SourceWriter> onFinished) {
    this.around = around;
    this.opening = opening;
    this.listener = listener;
    this.onFinished = onFinished;
    this.sessionId = opening.request().sessionId();
    this.sequencer = new Sequencer(sessionId, around.store(), opening.grant(), opening.nextSeq());
    List<SourceRequest.Leg> asked = opening.request().legs();
    this.mailbox = new Mailbox(asked.size(), around.meters().coalesced::increment);
    long replayMs = around.settings().replayTime().toMillis();
    for (int leg = 0; leg < asked.size(); leg++) {
      legs.add(new LegVoice(leg, asked.get(leg), mailbox, around.meters(), replayMs));
    }
    this.utterances =
        new OpenUtterances(
            sessionId,
            opening.offsetMs(),
            asked.stream().map(SourceRequest.Leg::name).toList(),
            opening.nextSeq());
    this.recognisers =
        new LegRecognisers(sessionId, legs, opening.recognisers(), opening.options());
    this.flushes =
        new FlushQueue(
            legs, recognisers, comingFlush::begun, close -> finish(close.closed(), close.reason()));
    this.description = opening.description();
    this.times = new SourceTimes(around.settings(), around.clock().millis());
  }

  /** Opens the legs' streams; false when no recogniser gives one, and nothing stays open then. */
  boolean openLegs() {
    return recognisers.openAll();
  }

  /** Gives a writer up that was never started. */
  void abandon() {
    recognisers.closeAll();
  }

  /** What is kept of the session now. */
  StoreWrite.Opened description() {
    return description;
  }

  void start() {
    Thread.ofVirtual().name("linescribe-session-" + sessionId).start(this::run);
  }

  private void run() {
    while (!done) {
      try {
        boolean wasCrowded = mailbox.isCrowded();
        handle(mailbox.take());
        if (wasCrowded && !mailbox.isCrowded()) {
          for (int leg = 0; leg < legs.size(); leg++) {
            resume(leg);
          }
        }
      } catch (InterruptedException interrupted) {
        LOG.warn("Session {}: its writer was interrupted; closing", sessionId);
        finish(SourceClosed.FAILED, "interrupted");
      } catch (RuntimeException bug) {
        LOG.error("Session {}: its writer failed; closing", sessionId, bug);
        finish(SourceClosed.FAILED, "failed");
      }
    }
  }

  private void handle(Note note) {
    switch (note) {
      case Note.Revised revised -> revised(revised);
      case Note.Completed completed -> completed(completed);
      case Note.Failed failed -> failed(failed);
      case Note.Writable writable -> resume(writable.leg());
      case Note.Described described -> described(described);
      case Note.Flush flush -> flushes.add(flush);
      case Note.Close close -> flushes.add(close);
      case Note.Flushed flushed -> flushed(flushed);
      case Note.Overdue overdue -> overdue();
    }
  }

  private void revised(Note.Revised note) {
    if (legs.get(note.leg()).isCurrent(note.generation())) {
      utterances
          .revise(note.leg(), sequencer.nextSeq(), note.hypothesis())
          .ifPresent(this::announcePartial);
    }
  }

  private void announcePartial(TranscriptEvent.Partial partial) {
    around.meters().partials.increment();
    announce(partial);
  }

  private void completed(Note.Completed note) {
    int leg = note.leg();
    if (!legs.get(leg).isCurrent(note.generation())) {
      return;
    }
    recognisers.heard(leg);
    Hypothesis hypothesis = note.hypothesis();
    if (!hypothesis.isEmpty() && !commit(leg, hypothesis)) {
      return;
    }
    legs.get(leg).settled(note.decodedToMs());
  }

  /** Numbers, keeps, then announces; false when the right to write is gone. */
  private boolean commit(int leg, Hypothesis hypothesis) {
    Optional<Segment> kept =
        sequencer.append(
            seq -> utterances.segment(leg, seq, hypothesis, recognisers.model(leg), now()));
    if (kept.isEmpty()) {
      around.meters().abandoned.increment();
      finish(SourceClosed.SUPERSEDED, "superseded");
      return false;
    }
    around.meters().finals.increment();
    announce(new TranscriptEvent.Final(kept.get()));
    renumber(leg, hypothesis.endMs());
    return true;
  }

  private Instant now() {
    return around.clock().instant().truncatedTo(ChronoUnit.MICROS);
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

  private void announce(TranscriptEvent event) {
    around.live().publish(event);
    try {
      listener.onEvent(event);
    } catch (RuntimeException bug) {
      LOG.error("Session {}: its door failed to take an event", sessionId, bug);
    }
  }

  private void failed(Note.Failed note) {
    int leg = note.leg();
    if (!legs.get(leg).isCurrent(note.generation())) {
      return;
    }
    LOG.warn(
        "Session {}: the recogniser of leg {} failed: {}",
        sessionId,
        legs.get(leg).name(),
        note.failure().toString());
    if (recognisers.replace(leg)) {
      around.meters().replaced.increment();
    } else {
      around.meters().abandoned.increment();
      flushes.flushed(leg);
      close(SourceClosed.FAILED, "failed");
    }
  }

  private void resume(int leg) {
    if (legs.get(leg).resume() && !closing.get()) {
      listener.onWritable();
    }
  }

  private void flushed(Note.Flushed note) {
    if (legs.get(note.leg()).isCurrent(note.generation())) {
      legs.get(note.leg()).flushed();
      flushes.flushed(note.leg());
      // Audio that had to wait for the flush was refused, and its recogniser knows nothing of it.
      if (!done) {
        resume(note.leg());
      }
    }
  }

  private void described(Note.Described note) {
    if (note.value().equals(description.attributes().get(note.key()))) {
      return;
    }
    description = SessionDescription.described(description, now(), note.key(), note.value());
    sequencer.describe(description);
  }

  private void overdue() {
    Note.Close close = flushes.waitingClose().orElse(null);
    if (!done && close != null) {
      LOG.error("Session {}: open utterances were not recognised in time", sessionId);
      around.meters().abandoned.increment(Math.max(1, flushes.unflushedLegs()));
      finish(close.closed(), close.reason());
    }
  }

  private void finish(@Nullable SourceClosed closed, String reason) {
    if (done) {
      return;
    }
    done = true;
    closing.set(true);
    try {
      recognisers.closeAll();
      if (closed != SourceClosed.SUPERSEDED && sequencer.end(now(), reason)) {
        around.live().publish(new TranscriptEvent.Ended(sessionId, nextSeq(), reason));
      }
    } catch (RuntimeException bug) {
      LOG.error("Session {}: its end failed", sessionId, bug);
    } finally {
      leave(closed);
    }
  }

  /** Gives back the session and tells everyone who waits, whatever goes wrong on the way. */
  private void leave(@Nullable SourceClosed closed) {
    attempt(this::fence);
    attempt(opening.grant()::release);
    attempt(() -> onFinished.accept(this));
    attempt(flushes::release);
    if (closed != null) {
      around.meters().closed(closed);
      if (!endedByDoor) {
        attempt(() -> listener.onClosed(closed));
      }
    }
    finished.complete(null);
  }

  private void attempt(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException bug) {
      LOG.error("Session {}: a step of its end failed", sessionId, bug);
    }
  }

  /** From the return on this writer takes no number, whatever it still hears. */
  void fence() {
    sequencer.fence();
  }

  /**
   * Closes the source; its open utterances become finals first.
   *
   * @param closed why the session closes it, null when the door ends it
   */
  CompletionStage<@Nullable Void> close(@Nullable SourceClosed closed, String reason) {
    if (closing.compareAndSet(false, true)) {
      endedByDoor = closed == null;
      times.closes(around.clock().millis());
      mailbox.post(new Note.Close(closed, reason));
    }
    return finished;
  }

  /** Looks at the clock: idle, too long, or too slow to end. */
  void tick(long nowMs) {
    if (!closing.get()) {
      times.closeDue(nowMs).ifPresent(reason -> close(reason, SessionMeters.word(reason)));
    } else if (times.isOverdue(nowMs)) {
      mailbox.post(new Note.Overdue());
    }
  }

  long nextSeq() {
    return sequencer.nextSeq();
  }

  boolean isFinished() {
    return finished.isDone();
  }

  SourceLease.Grant grant() {
    return opening.grant();
  }

  @Override
  public SessionId sessionId() {
    return sessionId;
  }

  @Override
  public boolean accept(int leg, float[] pcm, int offset, int length) {
    if (closing.get()) {
      return false;
    }
    times.heard(around.clock().millis());
    boolean taken = legs.get(leg).accept(pcm, offset, length);
    if (!taken) {
      around.meters().refusedAudio.increment();
    }
    return taken;
  }

  @Override
  public void skip(int leg, int samples) {
    if (!closing.get()) {
      times.heard(around.clock().millis());
      legs.get(leg).skip(samples);
    }
  }

  @Override
  public void describe(String key, String value) {
    SessionDescription.check(key, value);
    if (!closing.get()) {
      mailbox.post(new Note.Described(key, value));
    }
  }

  @Override
  public TranscriptEvent.Partial current(int leg) {
    return utterances.current(leg);
  }

  @Override
  public CompletionStage<Void> flush() {
    // Before the look at the coming one: if that begins meanwhile it has seen the mark.
    legs.forEach(LegVoice::askFlush);
    CompletableFuture<@Nullable Void> asked = new CompletableFuture<>();
    CompletableFuture<@Nullable Void> flushed = comingFlush.or(asked);
    if (flushed == asked) {
      if (!closing.get()) {
        mailbox.post(new Note.Flush(asked));
      }
      // A closing source flushes anyway, and what it leaves is void.
      finished.whenComplete((nothing, failure) -> asked.complete(null));
    }
    return flushed.minimalCompletionStage();
  }

  @Override
  public CompletionStage<Void> end(String reason) {
    String word = reason.length() > 255 ? reason.substring(0, 255) : reason;
    return close(null, word).toCompletableFuture().minimalCompletionStage();
  }
}
