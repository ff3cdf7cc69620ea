package org.linescribe.session.pipeline;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.StreamOptions;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionRefusedException.Reason;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.TranscriptReader;
import org.linescribe.session.lease.LeaseLostException;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.live.LiveTranscript;
import org.linescribe.session.outbox.DurableStore;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.session.store.SegmentConflictException;
import org.linescribe.session.store.StoreWrite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipeline of this node. Owns its stores; the recognisers stay their maker's.
 *
 * <p>Thread: any.
 */
public final class SessionPipeline implements Sessions {
  private static final Logger LOG = LoggerFactory.getLogger(SessionPipeline.class);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
  private static final long TICK_MS = 100;
  private static final long PROBE_EVERY_TICKS = 20;

  private final SessionSettings settings;
  private final Recognisers recognisers;
  private final DurableStore store;
  private final LiveTranscript live;
  private final SourceLease lease;
  private final Optional<RedisNode> redis;
  private final Clock clock;
  private final SessionMeters meters;
  private final Map<SessionId, Door> doors = new ConcurrentHashMap<>();
  private final Set<TranscriptSubscription> readers = ConcurrentHashMap.newKeySet();
  private final AtomicInteger sources = new AtomicInteger();
  private final SessionMemory memory = new SessionMemory();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final SourceWriter.Surroundings surroundings;
  private volatile boolean draining;

  private SessionPipeline(Builder builder, SessionStores stores) {
    this.settings = builder.settings;
    this.recognisers = new Recognisers(builder.recognisers, builder.onRequest);
    this.clock = builder.clock;
    this.meters = new SessionMeters(builder.registry);
    this.live = stores.live();
    this.store =
        DurableStore.open(
            stores.store(),
            stores.outboxDirectory(),
            settings.outboxBytes(),
            settings.storeBound(),
            builder.registry,
            live::wake);
    this.lease = stores.lease();
    this.redis = stores.redis();
    this.surroundings = new SourceWriter.Surroundings(store, live, meters, clock, settings);
    meters.gauge("sources", sources::get);
    meters.gauge("readers", readers::size);
    Thread.ofVirtual().name("linescribe-session-clock").start(this::keepTime);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Says what a pipeline is made of; stores and at least one recogniser are needed. */
  public static final class Builder {
    private SessionSettings settings = SessionSettings.defaults();
    private final Map<String, Recogniser> recognisers = new LinkedHashMap<>();
    private final Set<String> onRequest = new HashSet<>();
    private @Nullable SessionStores stores;
    private MeterRegistry registry = new io.micrometer.core.instrument.simple.SimpleMeterRegistry();
    private Clock clock = Clock.systemUTC();

    private Builder() {}

    public Builder settings(SessionSettings value) {
      settings = value;
      return this;
    }

    /** The first is the default; the order of adding is that of fail-over. */
    public Builder recogniser(String provider, Recogniser recogniser) {
      recognisers.put(provider, recogniser);
      return this;
    }

    /** One that serves only who asks for it by name; others do not fail over to it. */
    public Builder recogniserOnRequest(String provider, Recogniser recogniser) {
      onRequest.add(provider);
      return recogniser(provider, recogniser);
    }

    public Builder stores(SessionStores value) {
      stores = value;
      return this;
    }

    public Builder meters(MeterRegistry value) {
      registry = value;
      return this;
    }

    public Builder clock(Clock value) {
      clock = value;
      return this;
    }

    /**
     * @throws IllegalStateException when the outbox directory is in use or unusable; the stores are
     *     closed then
     */
    public SessionPipeline build() {
      SessionStores given = stores;
      if (given == null) {
        throw new IllegalArgumentException("stores: none (expected: SessionStores.embedded(…))");
      }
      try {
        return new SessionPipeline(this, given);
      } catch (RuntimeException unusable) {
        given.live().close();
        given.lease().close();
        given.store().close();
        given.redis().ifPresent(RedisNode::close);
        throw unusable;
      }
    }
  }

  /**
   * A new session's id, which needs no store to tell that it has no numbers yet: a source can open
   * it while the database is down.
   */
  public SessionId newSessionId() {
    SessionId made = SessionId.random(clock.millis());
    memory.remember(made, new SessionMemory.Known(1, Optional.empty(), 0));
    return made;
  }

  @Override
  public SessionSource open(SourceRequest request, SourceListener listener)
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
    boolean badAttributes =
        request.attributes().size() > 32
            || request.attributes().values().stream().anyMatch(v -> v.length() > 1024);
    if (request.legs().size() > settings.maxLegs()
        || request.kind().length() > 32
        || badAttributes) {
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
    if (candidates.getFirst().load().saturated() && !isLive(request.sessionId())) {
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
    if (sources.incrementAndGet() > settings.maxSources()) {
      sources.decrementAndGet();
      throw refusal(Reason.OVERLOADED, "the limit of " + settings.maxSources() + " sources");
    }
    boolean opened = false;
    SourceLease.@Nullable Grant grant = null;
    try {
      Wanted wanted = new Wanted();
      grant = lease.acquire(request.sessionId(), settings.flushTime(), wanted);
      SessionMemory.Known known = known(request.sessionId(), grant);
      Instant now = clock.instant();
      Instant startedAt = known.startedAt().orElse(now);
      SourceWriter writer =
          new SourceWriter(
              surroundings,
              new SourceWriter.Opening(
                  request,
                  grant,
                  Math.max(known.nextSeq(), grant.writtenSeq() + 1),
                  Math.max(0, Duration.between(startedAt, now).toMillis()),
                  candidates,
                  new StreamOptions(
                      request.endpointSilence().orElse(settings.endpointSilence()),
                      request.language(),
                      0)),
              listener,
              finished -> finished(door, finished, startedAt));
      if (!writer.openLegs()) {
        throw refusal(Reason.OVERLOADED, "no recogniser gives a stream now");
      }
      if (!keepOpening(request, startedAt, now, known)) {
        writer.abandon();
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
        sources.decrementAndGet();
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

  private boolean keepOpening(
      SourceRequest request, Instant startedAt, Instant now, SessionMemory.Known known) {
    Set<String> legs = new LinkedHashSet<>(known.legs());
    request.legs().forEach(leg -> legs.add(leg.name()));
    Map<String, String> attributes = new LinkedHashMap<>(request.attributes());
    known
        .attributes()
        .forEach(
            (key, value) -> {
              if (attributes.size() < 32) {
                attributes.putIfAbsent(key, value);
              }
            });
    try {
      store.write(
          new StoreWrite.Opened(
              request.sessionId(), request.kind(), List.copyOf(legs), startedAt, now, attributes));
      memory.remember(
          request.sessionId(),
          new SessionMemory.Known(
              known.nextSeq(), Optional.of(startedAt), 0, List.copyOf(legs), attributes));
      return true;
    } catch (UncheckedIOException | SegmentConflictException unkept) {
      LOG.error("Session {}: its opening can be kept nowhere", request.sessionId(), unkept);
      return false;
    }
  }

  private void finished(Door door, SourceWriter writer, Instant startedAt) {
    SessionId sessionId = writer.sessionId();
    SessionMemory.Known before =
        memory.recall(sessionId).orElse(new SessionMemory.Known(1, Optional.empty(), 0));
    memory.remember(
        sessionId,
        new SessionMemory.Known(
            writer.nextSeq(),
            Optional.of(startedAt),
            writer.grant().token(),
            before.legs(),
            before.attributes()));
    doors.compute(sessionId, (id, d) -> door.closed(writer));
    sources.decrementAndGet();
  }

  private void leave(SessionId sessionId) {
    doors.computeIfPresent(sessionId, (id, door) -> door.leave());
  }

  @Override
  public Subscription subscribe(SessionId sessionId, long fromSeq, TranscriptReader reader) {
    TranscriptSubscription subscription =
        new TranscriptSubscription(
            sessionId,
            fromSeq,
            reader,
            store,
            live,
            meters,
            settings.readerQueue(),
            readers::remove);
    readers.add(subscription);
    subscription.start();
    return subscription;
  }

  @Override
  public Optional<SessionRecord> find(SessionId sessionId) {
    return store.find(sessionId);
  }

  @Override
  public List<SessionRecord> list(Optional<SessionId> before, int limit) {
    return store.list(before, limit);
  }

  @Override
  public List<Segment> segments(SessionId sessionId, long fromSeq, int limit) {
    return store.segments(sessionId, fromSeq, limit);
  }

  @Override
  public boolean isLive(SessionId sessionId) {
    Door door = doors.get(sessionId);
    return door != null && door.writer != null;
  }

  @Override
  public int openSources() {
    return sources.get();
  }

  @Override
  public Readiness readiness() {
    boolean storeReachable = store.isReachable();
    boolean liveReachable = live.isReachable() && lease.isReachable();
    boolean full = sources.get() >= settings.maxSources();
    boolean saturated = recognisers.first().load().saturated();
    List<String> reasons = new ArrayList<>();
    if (draining) {
      reasons.add("shutting down");
    }
    if (full) {
      reasons.add("all " + settings.maxSources() + " sources are in use");
    }
    if (saturated) {
      reasons.add("the recogniser is behind real time");
    }
    if (!storeReachable) {
      reasons.add("the segment store does not answer");
    }
    if (!liveReachable) {
      reasons.add("Redis does not answer");
    }
    return new Readiness(
        !draining && !full && !saturated,
        storeReachable,
        liveReachable,
        store.outboxSegments(),
        String.join("; ", reasons));
  }

  private void keepTime() {
    try {
      for (long tick = 1; !closing.await(TICK_MS, TimeUnit.MILLISECONDS); tick++) {
        long nowMs = clock.millis();
        for (Door door : doors.values()) {
          SourceWriter writer = door.writer;
          if (writer != null) {
            writer.tick(nowMs);
          }
        }
        if (tick % PROBE_EVERY_TICKS == 0) {
          Thread.ofVirtual().name("linescribe-store-probe").start(store::probe);
        }
      }
    } catch (InterruptedException stopped) {
      LOG.warn("The sessions' clock was interrupted");
    }
  }

  @Override
  public void drain(Duration atMost) throws InterruptedException {
    draining = true;
    long deadlineNs = System.nanoTime() + atMost.toNanos();
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
    store.awaitDrained(Duration.ofNanos(Math.max(0, deadlineNs - System.nanoTime())));
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

  @Override
  public void close() {
    try {
      drain(settings.flushTime());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    closing.countDown();
    readers.forEach(TranscriptSubscription::close);
    live.close();
    lease.close();
    store.close();
    redis.ifPresent(RedisNode::close);
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
