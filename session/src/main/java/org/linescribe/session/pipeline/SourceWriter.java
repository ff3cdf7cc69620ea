package org.linescribe.session.pipeline;

import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.Token;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.live.LiveTranscript;
import org.linescribe.session.outbox.DurableStore;
import org.linescribe.session.store.SegmentConflictException;
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

  /** Recognisers that a leg may use up between two finals before its source is given up. */
  private static final int MAX_REPLACEMENTS = 4;

  /** Where the writer's results go and what it asks. */
  record Surroundings(
      DurableStore store,
      LiveTranscript live,
      SessionMeters meters,
      Clock clock,
      SessionSettings settings) {}

  /**
   * What the opening found out.
   *
   * @param offsetMs from the session's start to this source's
   * @param recognisers the wanted one first, then those to fail over to
   */
  record Opening(
      SourceRequest request,
      SourceLease.Grant grant,
      long nextSeq,
      long offsetMs,
      List<Recogniser> recognisers,
      StreamOptions options) {}

  private final Surroundings around;
  private final Opening opening;
  private final SourceListener listener;
  private final Consumer<SourceWriter> onFinished;
  private final SessionId sessionId;
  private final Mailbox mailbox;
  private final List<LegVoice> legs = new ArrayList<>();
  private final AtomicReferenceArray<TranscriptEvent.Partial> current;
  private final int[] recogniserOfLeg;
  private final int[] replacements;
  private final BitSet deadLegs = new BitSet();
  private final Deque<Note> flushes = new ArrayDeque<>();
  private final BitSet unflushed = new BitSet();
  private final ReentrantLock numbering = new ReentrantLock();
  private final CompletableFuture<@Nullable Void> finished = new CompletableFuture<>();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final long openedMs;
  private volatile long lastAudioMs;
  private volatile long closingSinceMs = Long.MAX_VALUE;
  private volatile boolean fenced;
  private volatile long nextSeq;
  private boolean done;

  SourceWriter(
      Surroundings around,
      Opening opening,
      SourceListener listener,
      Consumer<SourceWriter> onFinished) {
    this.around = around;
    this.opening = opening;
    this.listener = listener;
    this.onFinished = onFinished;
    this.sessionId = opening.request().sessionId();
    this.nextSeq = opening.nextSeq();
    List<SourceRequest.Leg> asked = opening.request().legs();
    this.mailbox = new Mailbox(asked.size(), around.meters().coalesced::increment);
    this.current = new AtomicReferenceArray<>(asked.size());
    this.recogniserOfLeg = new int[asked.size()];
    this.replacements = new int[asked.size()];
    long replayMs = around.settings().replayTime().toMillis();
    for (int leg = 0; leg < asked.size(); leg++) {
      legs.add(new LegVoice(leg, asked.get(leg), mailbox, around.meters(), replayMs));
      current.set(leg, silent(leg, opening.offsetMs()));
    }
    this.openedMs = around.clock().millis();
    this.lastAudioMs = openedMs;
  }

  /**
   * Opens every leg's recogniser stream.
   *
   * @return false when no recogniser gives one; nothing stays open then
   */
  boolean openLegs() {
    for (int leg = 0; leg < legs.size(); leg++) {
      recogniserOfLeg[leg] = -1;
      if (!openNext(leg)) {
        legs.forEach(LegVoice::close);
        return false;
      }
    }
    return true;
  }

  /** Gives a writer up that was never started. */
  void abandon() {
    legs.forEach(LegVoice::close);
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
      case Note.Flush flush -> beginOrQueue(flush);
      case Note.Close close -> beginOrQueue(close);
      case Note.Flushed flushed -> flushed(flushed);
      case Note.Overdue overdue -> overdue();
    }
  }

  private void revised(Note.Revised note) {
    if (legs.get(note.leg()).isCurrent(note.generation())) {
      partial(note.leg(), note.hypothesis());
    }
  }

  private void partial(int leg, Hypothesis hypothesis) {
    TranscriptEvent.Partial partial =
        new TranscriptEvent.Partial(
            sessionId,
            nextSeq,
            legs.get(leg).name(),
            hypothesis.text(),
            opening.offsetMs() + hypothesis.startMs(),
            opening.offsetMs() + hypothesis.endMs(),
            confidence(hypothesis.tokens()));
    TranscriptEvent.Partial before = current.getAndSet(leg, partial);
    if (!before.text().equals(partial.text()) || before.seq() != partial.seq()) {
      around.meters().partials.increment();
      announce(partial);
    }
  }

  private static double confidence(List<Token> tokens) {
    return tokens.stream()
        .mapToDouble(Token::probability)
        .filter(p -> !Double.isNaN(p))
        .average()
        .orElse(Double.NaN);
  }

  private TranscriptEvent.Partial silent(int leg, long atMs) {
    return new TranscriptEvent.Partial(
        sessionId, nextSeq, legs.get(leg).name(), "", atMs, atMs, Double.NaN);
  }

  private void completed(Note.Completed note) {
    int leg = note.leg();
    if (!legs.get(leg).isCurrent(note.generation())) {
      return;
    }
    replacements[leg] = 0;
    Hypothesis hypothesis = note.hypothesis();
    if (!hypothesis.isEmpty() && !commit(leg, hypothesis)) {
      return;
    }
    legs.get(leg).settled(note.decodedToMs());
  }

  /** Numbers, keeps, then announces; false when the right to write is gone. */
  private boolean commit(int leg, Hypothesis hypothesis) {
    Segment segment = null;
    numbering.lock();
    try {
      if (!fenced && opening.grant().holds()) {
        segment = segment(leg, hypothesis);
        keep(new StoreWrite.Appended(segment));
        nextSeq = segment.seq() + 1;
        opening.grant().wrote(segment.seq());
      }
    } catch (SegmentConflictException taken) {
      LOG.warn("{}: this source is stale; closing it", taken.getMessage());
      segment = null;
    } catch (UncheckedIOException full) {
      LOG.error("Session {}: a final is lost: it could be kept nowhere", sessionId);
      segment = null;
    } finally {
      numbering.unlock();
    }
    if (segment == null) {
      around.meters().abandoned.increment();
      finish(SourceClosed.SUPERSEDED, "superseded");
      return false;
    }
    around.meters().finals.increment();
    announce(new TranscriptEvent.Final(segment));
    renumber(leg, opening.offsetMs() + hypothesis.endMs());
    return true;
  }

  private Segment segment(int leg, Hypothesis hypothesis) {
    long offsetMs = opening.offsetMs();
    return new Segment(
        sessionId,
        nextSeq,
        legs.get(leg).name(),
        hypothesis.text(),
        offsetMs + hypothesis.startMs(),
        offsetMs + hypothesis.endMs(),
        hypothesis.tokens().stream()
            .map(t -> new Token(t.text(), offsetMs + t.startMs(), t.probability()))
            .toList(),
        opening.recognisers().get(recogniserOfLeg[leg]).info().model(),
        now());
  }

  private Instant now() {
    return around.clock().instant().truncatedTo(ChronoUnit.MICROS);
  }

  /** A full disk stops this session, and by back-pressure its audio, until it has room again. */
  private void keep(StoreWrite write) throws SegmentConflictException {
    Duration retry = Duration.ofMillis(100);
    while (true) {
      try {
        around.store().write(write);
        return;
      } catch (UncheckedIOException full) {
        LOG.error("Session {}: a change can be kept nowhere: {}", sessionId, full.toString());
        if (fenced) {
          throw full;
        }
        LockSupport.parkNanos(retry.toNanos());
      }
    }
  }

  /** After a final every open utterance's coming number is the next one. */
  private void renumber(int finishedLeg, long endMs) {
    for (int leg = 0; leg < legs.size(); leg++) {
      TranscriptEvent.Partial open = current.get(leg);
      if (leg == finishedLeg || open.text().isEmpty()) {
        current.set(leg, silent(leg, leg == finishedLeg ? endMs : open.endMs()));
      } else {
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
        around.meters().partials.increment();
        announce(moved);
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
    if (openNext(leg)) {
      around.meters().replaced.increment();
    } else {
      deadLegs.set(leg);
      legs.get(leg).close();
      around.meters().abandoned.increment();
      flushed(leg);
      close(SourceClosed.FAILED, "failed");
    }
  }

  /** The same recogniser once more, then the next ones. */
  private boolean openNext(int leg) {
    int from = Math.max(0, recogniserOfLeg[leg]);
    int known = opening.recognisers().size();
    if (replacements[leg] >= MAX_REPLACEMENTS) {
      return false;
    }
    // A second failure without a final between the two speaks against this recogniser.
    int start = replacements[leg] == 0 ? from : from + 1;
    if (recogniserOfLeg[leg] >= 0) {
      replacements[leg]++;
    }
    for (int i = 0; i < known; i++) {
      int candidate = (start + i) % known;
      try {
        legs.get(leg).openOn(opening.recognisers().get(candidate), opening.options());
        recogniserOfLeg[leg] = candidate;
        return true;
      } catch (RuntimeException refused) {
        LOG.warn(
            "Session {}: {} gives no stream: {}",
            sessionId,
            opening.recognisers().get(candidate).info().provider(),
            refused.toString());
      }
    }
    return false;
  }

  private void resume(int leg) {
    if (legs.get(leg).resume() && !closing.get()) {
      listener.onWritable();
    }
  }

  private void beginOrQueue(Note request) {
    flushes.addLast(request);
    if (flushes.size() == 1) {
      begin();
    }
  }

  private void begin() {
    unflushed.set(0, legs.size());
    unflushed.andNot(deadLegs);
    if (unflushed.isEmpty()) {
      concludeFlush();
      return;
    }
    for (int leg = unflushed.nextSetBit(0); leg >= 0; leg = unflushed.nextSetBit(leg + 1)) {
      legs.get(leg).flush();
    }
  }

  private void flushed(Note.Flushed note) {
    if (legs.get(note.leg()).isCurrent(note.generation())) {
      legs.get(note.leg()).flushed();
      flushed(note.leg());
    }
  }

  private void flushed(int leg) {
    if (unflushed.get(leg)) {
      unflushed.clear(leg);
      if (unflushed.isEmpty()) {
        concludeFlush();
      }
    }
  }

  private void concludeFlush() {
    Note request = flushes.pollFirst();
    if (request instanceof Note.Flush flush) {
      flush.done().complete(null);
    } else if (request instanceof Note.Close close) {
      finish(close.closed(), close.reason());
    }
    if (!done && !flushes.isEmpty()) {
      begin();
    }
  }

  private void overdue() {
    Note.Close close = null;
    for (Note request : flushes) {
      if (request instanceof Note.Close found) {
        close = found;
      }
    }
    if (!done && close != null) {
      LOG.error("Session {}: open utterances were not recognised in time", sessionId);
      around.meters().abandoned.increment(Math.max(1, unflushed.cardinality()));
      finish(close.closed(), close.reason());
    }
  }

  private void finish(@Nullable SourceClosed closed, String reason) {
    if (done) {
      return;
    }
    done = true;
    closing.set(true);
    legs.forEach(LegVoice::close);
    boolean handedOn = closed == SourceClosed.SUPERSEDED;
    if (!handedOn) {
      try {
        around.store().write(new StoreWrite.Ended(sessionId, now(), reason));
      } catch (UncheckedIOException | SegmentConflictException unkept) {
        LOG.error("Session {}: its end can be kept nowhere: {}", sessionId, unkept.toString());
      }
      around.live().publish(new TranscriptEvent.Ended(sessionId, nextSeq, reason));
    }
    fence();
    opening.grant().release();
    onFinished.accept(this);
    for (Note waiting : flushes) {
      if (waiting instanceof Note.Flush flush) {
        flush.done().complete(null);
      }
    }
    if (closed != null) {
      around.meters().closed(closed);
      try {
        listener.onClosed(closed);
      } catch (RuntimeException bug) {
        LOG.error("Session {}: its door failed to close", sessionId, bug);
      }
    }
    finished.complete(null);
  }

  /** From the return on this writer takes no number, whatever it still hears. */
  void fence() {
    fenced = true;
    // Waits for a number that is being written now; a full disk gives up when it sees the fence.
    numbering.lock();
    numbering.unlock();
  }

  /** Closes the source from within; the open utterances become finals first. */
  CompletionStage<@Nullable Void> close(SourceClosed closed, String reason) {
    return beginClosing(closed, reason);
  }

  private CompletionStage<@Nullable Void> beginClosing(
      @Nullable SourceClosed closed, String reason) {
    if (closing.compareAndSet(false, true)) {
      closingSinceMs = around.clock().millis();
      mailbox.post(new Note.Close(closed, reason));
    }
    return finished;
  }

  /** Looks at the clock: idle, too long, or too slow to end. */
  void tick(long nowMs) {
    if (closing.get()) {
      if (nowMs - closingSinceMs > around.settings().flushTime().toMillis()) {
        mailbox.post(new Note.Overdue());
      }
    } else if (nowMs - openedMs > around.settings().maxLength().toMillis()) {
      close(SourceClosed.TOO_LONG, "too_long");
    } else if (nowMs - lastAudioMs > around.settings().idleTime().toMillis()) {
      close(SourceClosed.IDLE, "idle");
    }
  }

  long nextSeq() {
    return nextSeq;
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
    Objects.checkFromIndexSize(offset, length, pcm.length);
    if (closing.get()) {
      return false;
    }
    lastAudioMs = around.clock().millis();
    boolean taken = legs.get(leg).accept(pcm, offset, length);
    if (!taken) {
      around.meters().refusedAudio.increment();
    }
    return taken;
  }

  @Override
  public void skip(int leg, int samples) {
    if (samples < 0) {
      throw new IllegalArgumentException("samples: " + samples + " (expected: >= 0)");
    }
    if (!closing.get()) {
      lastAudioMs = around.clock().millis();
      legs.get(leg).skip(samples);
    }
  }

  @Override
  public TranscriptEvent.Partial current(int leg) {
    return current.get(leg);
  }

  @Override
  public CompletionStage<Void> flush() {
    CompletableFuture<@Nullable Void> flushed = new CompletableFuture<>();
    if (!closing.get()) {
      mailbox.post(new Note.Flush(flushed));
    }
    // A closing source flushes anyway, and what it leaves is void.
    finished.whenComplete((nothing, failure) -> flushed.complete(null));
    return flushed.minimalCompletionStage();
  }

  @Override
  public CompletionStage<Void> end(String reason) {
    String word = reason.length() > 255 ? reason.substring(0, 255) : reason;
    return beginClosing(null, word).toCompletableFuture().minimalCompletionStage();
  }
}
