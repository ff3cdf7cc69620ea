package org.linescribe.session.admission;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.StreamOptions;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOwner;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionRefusedException.Reason;
import org.linescribe.session.SessionSettings;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.lease.LeaseConflictException;
import org.linescribe.session.lease.LeaseLostException;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.leg.Recognisers;
import org.linescribe.session.numbering.SessionMetadata;
import org.linescribe.session.numbering.SourceContext;
import org.linescribe.session.numbering.SourceOpening;
import org.linescribe.session.numbering.SourceWriter;
import org.linescribe.session.store.StoreWrite;
import org.linescribe.session.tracing.SessionStep;
import org.linescribe.session.tracing.SessionTrace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open sources of this node: admits them, finds the number at which a session goes on, and lets
 * a newer source supersede an older one.
 *
 * <p>Thread: any; {@link #open} blocks.
 */
public final class OpenSources {
  private static final Logger LOG = LoggerFactory.getLogger(OpenSources.class);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
  private static final long WITHDRAWAL_POLL_MS = 20;

  /** The outcome of an opening that needs no word. */
  private static final String OPENED = "";

  private final Recognisers recognisers;
  private final SourceLease lease;
  private final SpaceCheck space;
  private final SourceContext context;
  private final SessionSettings settings;
  private final Map<Reason, Counter> refused = new EnumMap<>(Reason.class);
  private final Clock clock;
  private final SourceSlots slots = new SourceSlots();
  private final AtomicInteger open = new AtomicInteger();
  private final SessionMemory memory;
  private volatile boolean draining;

  public OpenSources(
      Recognisers recognisers,
      SourceLease lease,
      SpaceCheck space,
      SourceContext context,
      MeterRegistry registry) {
    this.recognisers = recognisers;
    this.lease = lease;
    this.space = space;
    this.context = context;
    this.settings = context.settings();
    this.memory = new SessionMemory(context.store());
    for (Reason reason : Reason.values()) {
      refused.put(reason, registry.counter("linescribe.session.refused", "reason", word(reason)));
    }
    registry.gauge("linescribe.session.sources", open);
    this.clock = context.clock();
  }

  /** Checks that the outbox's disk has space for what a new source may leave there. */
  @FunctionalInterface
  public interface SpaceCheck {
    void run() throws IOException;
  }

  /** What erases sessions that have their sources here. */
  public SourceErasure erasure() {
    return new SourceErasure(slots, memory, settings.flushTime());
  }

  public SessionId newSessionId() {
    SessionId made = SessionId.random(clock.millis());
    memory.made(made);
    return made;
  }

  public int count() {
    return open.get();
  }

  public boolean isOpen(SessionId sessionId) {
    return slots.isOpen(sessionId);
  }

  /** The ids of the sessions whose source is open, in descending order. */
  public List<SessionId> sessions() {
    return slots.open();
  }

  public boolean isDraining() {
    return draining;
  }

  /** Checks every source's timers. */
  public void tick(long nowMs) {
    slots.forEachWriter(writer -> writer.tick(nowMs));
  }

  /** Refuses new sources; the open ones go on. */
  public void refuseNew() {
    draining = true;
  }

  /** Refuses new sources, closes the open ones, and waits for their ends. */
  public void drain(long deadlineNs) {
    draining = true;
    slots.drain(deadlineNs);
  }

  /** Fences every writer: one that a full disk blocks stops retrying. */
  public void fence() {
    slots.forEachWriter(SourceWriter::fence);
  }

  public SessionSource open(SourceRequest request, SourceListener listener)
      throws SessionRefusedException {
    long startNs = System.nanoTime();
    SessionTrace trace =
        context.traces().begin(request.sessionId(), request.kind(), request.traceParent());
    String outcome = "failed";
    try {
      Admitted admitted = admitTo(request, listener, trace);
      outcome = OPENED;
      trace.step(
          new SessionStep.Opened(request.legs().size(), admitted.model(), Optional.empty()),
          startNs,
          System.nanoTime());
      return admitted.writer().input();
    } catch (SessionRefusedException refusal) {
      refused.get(refusal.reason()).increment();
      outcome = word(refusal.reason());
      throw refusal;
    } finally {
      if (!outcome.equals(OPENED)) {
        trace.step(
            new SessionStep.Opened(request.legs().size(), "", Optional.of(outcome)),
            startNs,
            System.nanoTime());
        trace.end(outcome);
      }
    }
  }

  private static String word(Reason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  /**
   * A source whose writer runs.
   *
   * @param model empty where nobody looks
   */
  private record Admitted(SourceWriter writer, String model) {}

  private Admitted admitTo(SourceRequest request, SourceListener listener, SessionTrace trace)
      throws SessionRefusedException {
    Recognisers.Choice choice = admit(request);
    SourceSlots.Slot slot = slots.enter(request.sessionId());
    try {
      return open(request, listener, choice, slot, trace);
    } finally {
      slots.leave(request.sessionId(), slot);
    }
  }

  private Recognisers.Choice admit(SourceRequest request) throws SessionRefusedException {
    if (draining) {
      throw refusal(Reason.DRAINING, "the gateway is shutting down");
    }
    if (request.legs().size() > settings.maxLegs()
        || request.kind().length() > 32
        || !SessionMetadata.fits(request.attributes())) {
      throw refusal(
          Reason.UNSUPPORTED,
          "at most "
              + settings.maxLegs()
              + " legs, a kind of 32 characters, 32 attributes of 1024 characters");
    }
    try {
      space.run();
    } catch (IOException full) {
      throw refusal(Reason.STORE_UNAVAILABLE, String.valueOf(full.getMessage()));
    }
    Recognisers.Choice choice = choose(request.recognition());
    if (choice.candidates().getFirst().load().saturated() && !isOpen(request.sessionId())) {
      throw refusal(Reason.OVERLOADED, "the recogniser is behind real time");
    }
    return choice.prepared();
  }

  private Recognisers.Choice choose(RecognitionRequest recognition) throws SessionRefusedException {
    try {
      return recognisers.choose(recognition);
    } catch (IllegalArgumentException unknown) {
      throw refusal(Reason.UNSUPPORTED, String.valueOf(unknown.getMessage()));
    }
  }

  /** Refuses what names a model, a provider or a language that is not served. */
  public void check(RecognitionRequest recognition) throws SessionRefusedException {
    choose(recognition);
  }

  /** The session of another kind or owner of source is not named: a stranger must not learn it. */
  private static SessionRefusedException conflict() {
    return refusal(
        Reason.CONFLICT, "another source has this session open; it takes no second one meanwhile");
  }

  private static SessionRefusedException refusal(Reason reason, String message) {
    return new SessionRefusedException(
        reason,
        message,
        reason == Reason.UNSUPPORTED || reason == Reason.CONFLICT ? Duration.ZERO : RETRY_AFTER);
  }

  private Admitted open(
      SourceRequest request,
      SourceListener listener,
      Recognisers.Choice choice,
      SourceSlots.Slot slot,
      SessionTrace trace)
      throws SessionRefusedException {
    SourceWriter older = slot.writer();
    if (older != null) {
      if (older.isOpen() && !request.supersedes(older.request())) {
        throw conflict();
      }
      supersede(older);
    }
    // One that does not end in time still counts, and must not count against its successor.
    int spared = older == null || older.isFinished() ? 0 : 1;
    if (open.incrementAndGet() > settings.maxSources() + spared) {
      open.decrementAndGet();
      throw refusal(Reason.OVERLOADED, "the limit of " + settings.maxSources() + " sources");
    }
    SourceWriter writer = null;
    boolean opened = false;
    SourceLease.@Nullable Grant grant = null;
    try {
      awaitWithdrawal(request.sessionId(), listener);
      Wanted wanted = new Wanted();
      grant = lease.acquire(request.sessionId(), request.claim(), settings.flushTime(), wanted);
      SessionMemory.Known known = memory.known(request.sessionId(), grant);
      if (SessionOwner.isAnothers(known.owner(), request.owner())) {
        throw conflict();
      }
      Instant now = clock.instant();
      Instant startedAt = known.startedAt().orElse(now);
      StoreWrite.Opened description =
          SessionMetadata.opened(
              request,
              startedAt,
              known.openingAt(now),
              known.owner(),
              known.legs(),
              known.attributes());
      writer =
          new SourceWriter(
              context,
              new SourceOpening(
                  request,
                  grant,
                  Math.max(known.nextSeq(), grant.writtenSeq() + 1),
                  Math.max(0, Duration.between(startedAt, now).toMillis()),
                  known.isOfThisNode(),
                  choice,
                  new StreamOptions(
                      request.recognition().endpointSilence().orElse(settings.endpointSilence()),
                      choice.language(),
                      choice.hotwords()),
                  description,
                  trace),
              listener,
              finished -> finished(slot, finished));
      if (!writer.openLegs()) {
        throw refusal(Reason.OVERLOADED, "no recogniser gives a stream now");
      }
      if (!memory.keepOpening(description, known)) {
        throw refusal(
            Reason.STORE_UNAVAILABLE, "neither the store nor the outbox takes the session now");
      }
      // Its recognisers are its own thread's from the start on.
      Admitted admitted = new Admitted(writer, trace.isRecorded() ? writer.model() : "");
      slot.opened(writer);
      opened = true;
      writer.start();
      wanted.closes(writer);
      if (draining) {
        writer.close(SourceClosed.DRAINING, "draining");
      }
      return admitted;
    } catch (LeaseConflictException held) {
      throw conflict();
    } catch (LeaseLostException newer) {
      throw refusal(Reason.OVERLOADED, newer.getMessage());
    } catch (StoreUnavailableException down) {
      throw refusal(Reason.STORE_UNAVAILABLE, "the session's last number cannot be read now");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw refusal(Reason.DRAINING, "interrupted while opening");
    } finally {
      if (!opened) {
        open.decrementAndGet();
        if (writer != null) {
          writer.abandon();
        }
        if (grant != null) {
          grant.release();
        }
      }
    }
  }

  /**
   * A node that stood still finds calls that its proxy has taken to another node long since; the
   * CANCEL is right behind.
   */
  private void awaitWithdrawal(SessionId sessionId, SourceListener listener)
      throws SessionRefusedException, InterruptedException {
    Duration within = listener.withdrawnWithin();
    if (within.isZero() || !lease.isHeldElsewhere(sessionId)) {
      return;
    }
    long dueNs = System.nanoTime() + within.toNanos();
    while (!listener.isWithdrawn()) {
      if (System.nanoTime() - dueNs >= 0) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(WITHDRAWAL_POLL_MS);
    }
    throw refusal(Reason.CONFLICT, "it was given up, and another node has the session");
  }

  private void supersede(SourceWriter older) {
    CompletionStage<@Nullable Void> closed = older.close(SourceClosed.SUPERSEDED, "superseded");
    SourceSlots.await(closed, settings.flushTime().plusSeconds(1));
    older.fence();
  }

  private void finished(SourceSlots.Slot slot, SourceWriter writer) {
    memory.remember(writer.description(), writer.nextSeq(), writer.grant().token());
    slots.finished(slot, writer);
    open.decrementAndGet();
  }

  /** Closes this source when a newer one requests the session, perhaps before its writer exists. */
  private static final class Wanted implements Runnable {
    private @Nullable SourceWriter writer;
    private boolean called;

    @Override
    public synchronized void run() {
      called = true;
      if (writer != null) {
        writer.close(SourceClosed.SUPERSEDED, "superseded");
      }
    }

    synchronized void closes(SourceWriter opened) {
      writer = opened;
      if (called) {
        opened.close(SourceClosed.SUPERSEDED, "superseded");
      }
    }
  }
}
