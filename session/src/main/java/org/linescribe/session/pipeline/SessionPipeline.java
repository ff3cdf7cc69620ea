package org.linescribe.session.pipeline;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Recogniser;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptReader;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.live.LiveTranscript;
import org.linescribe.session.outbox.DurableStore;
import org.linescribe.session.redis.RedisNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipeline of this node. Owns its stores; the recognisers stay their maker's.
 *
 * <p>Thread: any.
 */
public final class SessionPipeline implements Sessions {
  private static final Logger LOG = LoggerFactory.getLogger(SessionPipeline.class);
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
  private final OpenSources sources;
  private final Set<TranscriptSubscription> readers = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicBoolean probing = new AtomicBoolean();

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
    this.sources =
        new OpenSources(
            recognisers, lease, new SourceSurroundings(store, live, meters, clock, settings));
    meters.gauge("sources", sources::count);
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

  @Override
  public SessionId newSessionId() {
    return sources.newSessionId();
  }

  @Override
  public SessionSource open(SourceRequest request, SourceListener listener)
      throws SessionRefusedException {
    return sources.open(request, listener);
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
    return sources.isOpen(sessionId);
  }

  @Override
  public int openSources() {
    return sources.count();
  }

  @Override
  public Readiness readiness() {
    boolean storeReachable = store.isReachable();
    boolean liveReachable = live.isReachable() && lease.isReachable();
    boolean full = sources.count() >= settings.maxSources();
    boolean draining = sources.isDraining();
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
        tick(tick);
      }
    } catch (InterruptedException stopped) {
      LOG.warn("The sessions' clock was interrupted");
    }
  }

  /** A fault here must not stop the clock of every session. */
  private void tick(long count) {
    try {
      sources.tick(clock.millis());
      if (count % PROBE_EVERY_TICKS == 0) {
        probe();
      }
    } catch (RuntimeException bug) {
      LOG.error("The sessions' clock failed once", bug);
    }
  }

  /** A database that hangs holds one probe, not one for every tick. */
  private void probe() {
    if (probing.compareAndSet(false, true)) {
      Thread.ofVirtual()
          .name("linescribe-store-probe")
          .start(
              () -> {
                try {
                  store.probe();
                } finally {
                  probing.set(false);
                }
              });
    }
  }

  @Override
  public void drain(Duration atMost) throws InterruptedException {
    long deadlineNs = System.nanoTime() + atMost.toNanos();
    sources.drain(deadlineNs);
    store.awaitDrained(Duration.ofNanos(Math.max(0, deadlineNs - System.nanoTime())));
  }

  @Override
  public void close() {
    try {
      drain(settings.flushTime());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    closing.countDown();
    sources.fence();
    readers.forEach(TranscriptSubscription::close);
    live.close();
    lease.close();
    store.close();
    redis.ifPresent(RedisNode::close);
  }
}
