package org.linescribe.session.pipeline;

import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.StreamOptions;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionRefusedException.Reason;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.lease.LeaseLostException;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.outbox.DurableStore;
import org.linescribe.session.store.SegmentConflictException;
import org.linescribe.session.store.StoreWrite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sources of this node: who is let in, at which number a session goes on, and how a newer
 * source takes an older one's place.
 *
 * <p>Thread: any; {@link #open} blocks.
 */
final class OpenSources {
  private static final Logger LOG = LoggerFactory.getLogger(OpenSources.class);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private final Recognisers recognisers;
  private final SourceLease lease;
  private final SourceSurroundings around;
  private final SessionSettings settings;
  private final DurableStore store;
  private final SessionMeters meters;
  private final Clock clock;
  private final Map<SessionId, Door> doors = new ConcurrentHashMap<>();
  private final AtomicInteger open = new AtomicInteger();
  private final SessionMemory memory = new SessionMemory();
  private volatile boolean draining;

  OpenSources(Recognisers recognisers, SourceLease lease, SourceSurroundings around) {
    this.recognisers = recognisers;
    this.lease = lease;
    this.around = around;
    this.settings = around.settings();
    this.store = around.store();
    this.meters = around.meters();
    this.clock = around.clock();
  }

  SessionId newSessionId() {
    SessionId made = SessionId.random(clock.millis());
    memory.remember(made, new SessionMemory.Known(1, Optional.empty(), 0));
    return made;
  }

  int count() {
    return open.get();
  }

  boolean isOpen(SessionId sessionId) {
    Door door = doors.get(sessionId);
    return door != null && door.writer != null;
  }

  boolean isDraining() {
    return draining;
  }

  /** Lets every source look at the clock. */
  void tick(long nowMs) {
    for (Door door : doors.values()) {
      SourceWriter writer = door.writer;
      if (writer != null) {
        writer.tick(nowMs);
      }
    }
  }

  /** Refuses new sources, closes the open ones, and waits for their ends. */
  void drain(long deadlineNs) {
    draining = true;
    List<CompletionStage<@Nullable Void>> ends = new ArrayList<>();
    for (Door door : doors.values()) {
      SourceWriter writer = door.writer;
      if (writer != null) {
        ends.add(writer.close(SourceClosed.DRAINING, "draining"));
      }
    }
    for (CompletionStage<@Nullable Void> end : ends) {
      await(end, Duration.ofNanos(Math.max(0, deadlineNs - System.nanoTime())));
    }
  }

  /** What is not durable now never will be: a writer that a full disk holds up gives up. */
  void fence() {
    for (Door door : doors.values()) {
      SourceWriter writer = door.writer;
      if (writer != null) {
        writer.fence();
      }
    }
  }

  private static void await(CompletionStage<@Nullable Void> stage, Duration atMost) {
    try {
      stage.toCompletableFuture().get(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException late) {
      LOG.warn("A source did not end in time");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  SessionSource open(SourceRequest request, SourceListener listener)
      throws SessionRefusedException {
    try {
      List<Recogniser> candidates = admit(request);
      Door door =
          doors.compute(request.sessionId(), (id, d) -> (d == null ? new Door() : d).enter());
      door.lock.lock();
      try {
        return open(request, listener, candidates, door);
      } finally {
        door.lock.unlock();
        leave(request.sessionId());
      }
    } catch (SessionRefusedException refusal) {
      meters.refused(refusal.reason());
      throw refusal;
    }
  }

  private List<Recogniser> admit(SourceRequest request) throws SessionRefusedException {
    if (draining) {
      throw refusal(Reason.DRAINING, "the gateway is shutting down");
    }
    if (request.legs().size() > settings.maxLegs()
        || request.kind().length() > 32
        || !SessionDescription.fits(request.attributes())) {
      throw refusal(
          Reason.UNSUPPORTED,
          "at most "
              + settings.maxLegs()
              + " legs, a kind of 32 characters, 32 attributes of 1024 characters");
    }
    List<Recogniser> candidates = recognisers.candidates(request.provider(), request.language());
    if (candidates.isEmpty()) {
      throw refusal(Reason.UNSUPPORTED, "no recogniser for this provider and language");
    }
    if (candidates.getFirst().load().saturated() && !isOpen(request.sessionId())) {
      throw refusal(Reason.OVERLOADED, "the recogniser is behind real time");
    }
    return candidates;
  }

  private static SessionRefusedException refusal(Reason reason, String message) {
    return new SessionRefusedException(
        reason, message, reason == Reason.UNSUPPORTED ? Duration.ZERO : RETRY_AFTER);
  }

  private SessionSource open(
      SourceRequest request, SourceListener listener, List<Recogniser> candidates, Door door)
      throws SessionRefusedException {
    SourceWriter older = door.writer;
    if (older != null) {
      supersede(older);
    }
    // One that does not end in time keeps its place, and must not take its successor's too.
    int spared = older == null || older.isFinished() ? 0 : 1;
    if (open.incrementAndGet() > settings.maxSources() + spared) {
      open.decrementAndGet();
      throw refusal(Reason.OVERLOADED, "the limit of " + settings.maxSources() + " sources");
    }
    SourceWriter writer = null;
    boolean opened = false;
    SourceLease.@Nullable Grant grant = null;
    try {
      Wanted wanted = new Wanted();
      grant = lease.acquire(request.sessionId(), settings.flushTime(), wanted);
      SessionMemory.Known known = known(request.sessionId(), grant);
      Instant now = clock.instant();
      Instant startedAt = known.startedAt().orElse(now);
      StoreWrite.Opened description = SessionDescription.opened(request, startedAt, now, known);
      writer =
          new SourceWriter(
              around,
              new SourceOpening(
                  request,
                  grant,
                  Math.max(known.nextSeq(), grant.writtenSeq() + 1),
                  Math.max(0, Duration.between(startedAt, now).toMillis()),
                  candidates,
                  new StreamOptions(
                      request.endpointSilence().orElse(settings.endpointSilence()),
                      request.language(),
                      0),
                  description),
              listener,
              finished -> finished(door, finished));
      if (!writer.openLegs()) {
        throw refusal(Reason.OVERLOADED, "no recogniser gives a stream now");
      }
      if (!keepOpening(description, known)) {
        throw refusal(Reason.STORE_UNAVAILABLE, "the session can be kept nowhere now");
      }
      door.writer = writer;
      opened = true;
      writer.start();
      wanted.tells(writer);
      if (draining) {
        writer.close(SourceClosed.DRAINING, "draining");
      }
      return writer;
    } catch (LeaseLostException newer) {
      throw refusal(Reason.OVERLOADED, newer.getMessage());
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

  private void supersede(SourceWriter older) {
    CompletionStage<@Nullable Void> closed = older.close(SourceClosed.SUPERSEDED, "superseded");
    await(closed, settings.flushTime().plusSeconds(1));
    older.fence();
  }

  private SessionMemory.Known known(SessionId sessionId, SourceLease.Grant grant)
      throws SessionRefusedException {
    Optional<SessionMemory.Known> remembered = memory.recall(sessionId);
    if (remembered.isPresent()) {
      SessionMemory.Known here = remembered.get();
      boolean fresh = here.startedAt().isEmpty() && grant.previousToken() <= 0;
      if (fresh || here.token() == grant.previousToken()) {
        return here;
      }
    }
    try {
      Optional<SessionRecord> record = store.find(sessionId);
      return new SessionMemory.Known(
          1 + store.lastSeq(sessionId),
          record.map(SessionRecord::startedAt),
          0,
          record.map(SessionRecord::legs).orElse(List.of()),
          record.map(SessionRecord::attributes).orElse(Map.of()));
    } catch (StoreUnavailableException down) {
      throw refusal(Reason.STORE_UNAVAILABLE, "the session's last number cannot be read now");
    }
  }

  private boolean keepOpening(StoreWrite.Opened opened, SessionMemory.Known known) {
    try {
      store.write(opened);
      remember(opened, known.nextSeq(), SessionMemory.STILL_OPEN);
      return true;
    } catch (UncheckedIOException | SegmentConflictException unkept) {
      LOG.error("Session {}: its opening can be kept nowhere", opened.sessionId(), unkept);
      return false;
    }
  }

  private void remember(StoreWrite.Opened description, long nextSeq, long token) {
    memory.remember(
        description.sessionId(),
        new SessionMemory.Known(
            nextSeq,
            Optional.of(description.startedAt()),
            token,
            description.legs(),
            description.attributes()));
  }

  private void finished(Door door, SourceWriter writer) {
    SessionId sessionId = writer.sessionId();
    remember(writer.description(), writer.nextSeq(), writer.grant().token());
    // One that a newer source did not wait for may end when its door is long gone.
    doors.computeIfPresent(sessionId, (id, d) -> d == door ? door.closed(writer) : d);
    open.decrementAndGet();
  }

  private void leave(SessionId sessionId) {
    doors.computeIfPresent(sessionId, (id, door) -> door.leave());
  }

  /** A newer source somewhere wants the session, perhaps before this one's writer exists. */
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

    synchronized void tells(SourceWriter told) {
      writer = told;
      if (called) {
        told.close(SourceClosed.SUPERSEDED, "superseded");
      }
    }
  }

  /** A session's place on this node: sources enter one after another. */
  private static final class Door {
    private final ReentrantLock lock = new ReentrantLock(true);
    private volatile @Nullable SourceWriter writer;
    private int entering;

    Door enter() {
      entering++;
      return this;
    }

    @Nullable Door leave() {
      entering--;
      return entering == 0 && writer == null ? null : this;
    }

    @Nullable Door closed(SourceWriter ended) {
      if (writer == ended) {
        writer = null;
      }
      return entering == 0 && writer == null ? null : this;
    }
  }
}
