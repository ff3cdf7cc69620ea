package org.linescribe.session.numbering;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
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
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.leg.LegAudioFeed;
import org.linescribe.session.leg.LegRecognisers;
import org.linescribe.session.leg.SourceMessage;
import org.linescribe.session.leg.SourceMessageQueue;
import org.linescribe.session.store.StoreWrite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session's only writer while its source is open: it alone numbers, stores and announces.
 *
 * <p>Thread: a virtual thread of its own takes the messages of the {@link SourceMessageQueue}; the
 * source's calls only queue audio or post messages.
 */
public final class SourceWriter {
  private static final Logger LOG = LoggerFactory.getLogger(SourceWriter.class);

  final SourceContext context;
  final SourceOpening opening;
  private final SourceListener listener;
  private final Consumer<SourceWriter> onFinished;
  private final SessionId sessionId;
  final SourceMessageQueue messages;
  final int maxLegs;

  /** Appended to by the source's caller. */
  final List<LegAudioFeed> legs = new CopyOnWriteArrayList<>();

  final LegRecognisers recognisers;
  final FlushRequests flushes;
  final Sequencer sequencer;
  final OpenUtterances utterances;
  private final ResultPublisher publisher;
  private final CompletableFuture<@Nullable Void> finished = new CompletableFuture<>();
  private final AtomicBoolean closing = new AtomicBoolean();
  private volatile boolean endedByCaller;
  final SourceTimers timers;
  private final SourceInput input = new SourceInput(this);
  private volatile StoreWrite.Opened description;
  private boolean done;
  private String endReason = "";

  public SourceWriter(
      SourceContext context,
      SourceOpening opening,
      SourceListener listener,
      Consumer<SourceWriter> onFinished) {
    this.context = context;
    this.opening = opening;
    this.listener = listener;
    this.onFinished = onFinished;
    this.sessionId = opening.request().sessionId();
    this.sequencer = new Sequencer(sessionId, context.store(), opening.grant(), opening.nextSeq());
    List<SourceRequest.Leg> asked = opening.request().legs();
    this.maxLegs = Math.max(asked.size(), context.settings().maxLegs());
    this.messages = new SourceMessageQueue(maxLegs, context.meters().coalesced::increment);
    long replayMs = context.settings().replayTime().toMillis();
    for (int leg = 0; leg < asked.size(); leg++) {
      legs.add(
          new LegAudioFeed(
              leg, asked.get(leg), messages, context.meters().replayTruncated, replayMs));
    }
    this.utterances =
        new OpenUtterances(sessionId, opening.offsetMs(), asked, maxLegs, opening.nextSeq());
    this.publisher = new ResultPublisher(context, opening, listener, legs, sequencer, utterances);
    this.recognisers =
        new LegRecognisers(
            sessionId, legs, maxLegs, opening.recognisers().candidates(), opening.options());
    this.flushes =
        new FlushRequests(legs, recognisers, close -> finish(close.closed(), close.reason()));
    this.description = opening.description();
    this.timers = new SourceTimers(context.settings(), context.clock().millis());
  }

  /** Opens the legs' streams; false when no recogniser gives one, and nothing stays open then. */
  public boolean openLegs() {
    return recognisers.openAll();
  }

  /** Closes a writer that was never started. */
  public void abandon() {
    recognisers.closeAll();
  }

  /** The session's stored metadata. */
  public StoreWrite.Opened description() {
    return description;
  }

  public void start() {
    Thread.ofVirtual().name("linescribe-session-" + sessionId).start(this::run);
  }

  private void run() {
    while (!done) {
      try {
        boolean wasCrowded = messages.isCrowded();
        handle(messages.take());
        if (wasCrowded && !messages.isCrowded()) {
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

  private void handle(SourceMessage message) {
    if (message instanceof SourceMessage.Completed || message instanceof SourceMessage.Revised) {
      timers.progressed(context.clock().millis());
    }
    switch (message) {
      case SourceMessage.Revised revised -> revised(revised);
      case SourceMessage.Completed completed -> completed(completed);
      case SourceMessage.Failed failed -> failed(failed);
      case SourceMessage.Writable writable -> resume(writable.leg());
      case SourceMessage.Described described -> described(described);
      case SourceMessage.Marked marked -> {
        CallMark mark = new CallMark(utterances.onTimeline(marked.atMs()), marked.text());
        described(new SourceMessage.Described(mark.key(), mark.value()));
      }
      case SourceMessage.ParticipantChanged changed ->
          utterances.participant(changed.leg(), changed.fromMs(), changed.participant());
      case SourceMessage.LegAdded added -> added(added.leg());
      case SourceMessage.KeyPressed key -> publisher.key(key.leg(), key.digit(), key.atMs());
      case SourceMessage.Flush flush -> flushes.add(flush);
      case SourceMessage.Close close -> flushes.add(close);
      case SourceMessage.Flushed flushed -> flushed(flushed);
      case SourceMessage.Overdue overdue -> overdue();
    }
  }

  private void revised(SourceMessage.Revised message) {
    if (legs.get(message.leg()).isCurrent(message.generation())) {
      publisher.revise(message.leg(), message.hypothesis());
    }
  }

  private void completed(SourceMessage.Completed message) {
    int leg = message.leg();
    if (!legs.get(leg).isCurrent(message.generation())) {
      return;
    }
    recognisers.utteranceCompleted(leg);
    opening.traceDecoded(legs.get(leg), recognisers.model(leg), message.hypothesis());
    Hypothesis hypothesis = context.text().complete(message.hypothesis());
    if (hypothesis.isEmpty() || commit(leg, hypothesis, recognisers.model(leg))) {
      legs.get(leg).settled(message.decodedToMs());
    }
  }

  /** False when the lease is lost, and with it the source. */
  private boolean commit(int leg, Hypothesis hypothesis, String model) {
    boolean kept = publisher.commit(leg, hypothesis, model);
    if (!kept) {
      finish(SourceClosed.SUPERSEDED, "superseded");
    }
    return kept;
  }

  private void failed(SourceMessage.Failed message) {
    int leg = message.leg();
    if (!legs.get(leg).isCurrent(message.generation())) {
      return;
    }
    LOG.warn(
        "Session {}: the recogniser of leg {} failed: {}",
        sessionId,
        legs.get(leg).name(),
        message.failure().toString());
    if (recognisers.replace(leg)) {
      context.meters().replaced.increment();
    } else {
      context.meters().abandoned.increment();
      flushes.flushed(leg);
      close(SourceClosed.FAILED, "failed");
    }
  }

  private void resume(int leg) {
    if (legs.get(leg).resume() && !closing.get()) {
      listener.onWritable();
    }
  }

  private void flushed(SourceMessage.Flushed message) {
    if (legs.get(message.leg()).isCurrent(message.generation())) {
      legs.get(message.leg()).flushed();
      flushes.flushed(message.leg());
      // Audio that arrived during the flush was refused, and the recogniser will not call
      // onWritable.
      if (!done) {
        resume(message.leg());
      }
    }
  }

  private void described(SourceMessage.Described message) {
    if (message.value().equals(description.attributes().get(message.key()))) {
      return;
    }
    description = SessionMetadata.described(description, message.key(), message.value());
    sequencer.describe(description);
  }

  private void added(int leg) {
    description = SessionMetadata.withLeg(description, legs.get(leg).name());
    sequencer.describe(description);
    utterances.renumber(leg, sequencer.nextSeq());
    if (!recognisers.open(leg)) {
      LOG.error(
          "Session {}: leg {} was added and is not transcribed", sessionId, legs.get(leg).name());
      context.meters().abandoned.increment();
      flushes.flushed(leg);
    }
  }

  private void overdue() {
    SourceMessage.Close close = flushes.waitingClose().orElse(null);
    if (!done && close != null) {
      LOG.error("Session {}: open utterances were not recognised in time", sessionId);
      context.meters().abandoned.increment(Math.max(1, flushes.unflushedLegs()));
      finish(close.closed(), close.reason());
    }
  }

  private void finish(@Nullable SourceClosed closed, String reason) {
    if (done) {
      return;
    }
    done = true;
    endReason = reason;
    closing.set(true);
    try {
      recognisers.closeAll();
      keepHeard();
      if (closed != SourceClosed.SUPERSEDED) {
        publisher.end(description.at(), reason);
      }
    } catch (RuntimeException bug) {
      LOG.error("Session {}: its end failed", sessionId, bug);
    } finally {
      leave(closed);
    }
  }

  /** Words that readers saw and that nobody will decode any more become finals as they are. */
  private void keepHeard() {
    for (int leg = 0; leg < legs.size(); leg++) {
      Optional<Hypothesis> heard = utterances.heard(leg).map(context.text()::complete);
      if (heard.isPresent() && !heard.get().isEmpty()) {
        commit(leg, heard.get(), Segment.unfinished(recognisers.model(leg)));
      }
    }
  }

  /** Releases the session and completes every waiting call, whichever step fails. */
  private void leave(@Nullable SourceClosed closed) {
    attempt(this::fence);
    attempt(opening.grant()::release);
    attempt(() -> onFinished.accept(this));
    attempt(flushes::release);
    attempt(() -> opening.trace().end(endReason));
    if (closed != null) {
      context.meters().closed(closed);
      if (!endedByCaller) {
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

  /** From its return on this writer assigns no number, whatever results still arrive. */
  public void fence() {
    sequencer.fence();
  }

  /**
   * Closes the source; its open utterances become finals first.
   *
   * @param closed why the session closes it, null when its caller ends it
   */
  public CompletionStage<@Nullable Void> close(@Nullable SourceClosed closed, String reason) {
    if (closing.compareAndSet(false, true)) {
      endedByCaller = closed == null;
      timers.closing(context.clock().millis());
      messages.post(new SourceMessage.Close(closed, reason));
    }
    return finished;
  }

  /** Closes the source when it is idle, open too long, or too slow to end. */
  public void tick(long nowMs) {
    if (!closing.get()) {
      timers.closeDue(nowMs).ifPresent(reason -> close(reason, SourceMeters.word(reason)));
    } else if (timers.isOverdue(nowMs, ownBacklogMs(), recognisers::backlogMs)) {
      messages.post(new SourceMessage.Overdue());
    }
  }

  private long ownBacklogMs() {
    return legs.stream().mapToLong(LegAudioFeed::backlogMs).sum();
  }

  /** Ends with what was heard until now, where the flush of a close takes too long. */
  public void hurry() {
    messages.post(new SourceMessage.Overdue());
  }

  /** Name of the model that recognises the first leg; of an open writer. */
  public String model() {
    return recognisers.model(0);
  }

  public long nextSeq() {
    return sequencer.nextSeq();
  }

  public SessionId sessionId() {
    return sessionId;
  }

  public SourceRequest request() {
    return opening.request();
  }

  /** Whether the source still takes audio. */
  public boolean isOpen() {
    return !closing.get();
  }

  public boolean isFinished() {
    return finished.isDone();
  }

  void whenFinished(Runnable action) {
    finished.whenComplete((_, _) -> action.run());
  }

  /** What its caller writes to. */
  public SessionSource input() {
    return input;
  }

  public SourceLease.Grant grant() {
    return opening.grant();
  }
}
