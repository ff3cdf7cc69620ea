package org.linescribe.session.pipeline;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpenException;
import org.linescribe.session.SessionOpeningListener;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSettings;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.TranscriptReader;
import org.linescribe.session.WordQuery;
import org.linescribe.session.admission.OpenSources;
import org.linescribe.session.admission.PendingErasure;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.erasure.ErasureOrder;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.leg.Recognisers;
import org.linescribe.session.live.LiveTranscript;
import org.linescribe.session.numbering.SourceContext;
import org.linescribe.session.numbering.SourceMeters;
import org.linescribe.session.outbox.DurableStore;
import org.linescribe.session.reading.ReaderMeters;
import org.linescribe.session.reading.TranscriptSubscription;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.session.storage.DataFolder;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.session.text.TextSettings;
import org.linescribe.session.text.TextStage;
import org.linescribe.session.tracing.SessionTraces;

/**
 * The pipeline of this node. Owns its stores; the caller keeps ownership of the recognisers.
 *
 * <p>Thread: any.
 */
public final class SessionPipeline implements Sessions {
  private final SessionSettings settings;
  private final Recognisers recognisers;
  private final DurableStore store;
  private final LiveTranscript live;
  private final SourceLease lease;
  private final Optional<RedisNode> redis;
  private final StorageSettings storage;
  private final StoredSessionEraser eraser;
  private final ReaderMeters readerMeters;
  private final OpenSources sources;
  private final Set<TranscriptSubscription> readers = ConcurrentHashMap.newKeySet();
  private final List<SessionOpeningListener> openings = new CopyOnWriteArrayList<>();
  private final SessionUpkeep upkeep;

  private SessionPipeline(Builder builder, SessionStores stores) {
    this.settings = builder.settings;
    this.recognisers = new Recognisers(builder.recognisers, builder.onRequest, builder.models);
    this.storage = builder.storage;
    this.readerMeters = new ReaderMeters(builder.registry);
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
            recognisers,
            lease,
            () -> requireSpace(stores),
            new SourceContext(
                store,
                live,
                new SourceMeters(builder.registry),
                builder.clock,
                settings,
                new TextStage(builder.text),
                builder.traces),
            builder.registry);
    this.eraser = new StoredSessionEraser(sources.erasure(), store, lease, live, builder.clock);
    builder.registry.gaugeCollectionSize("linescribe.session.readers", List.of(), readers);
    this.upkeep = SessionUpkeep.start(sources, store, storage, builder.clock);
  }

  private void requireSpace(SessionStores stores) throws IOException {
    DataFolder.requireFree(stores.outboxDirectory(), storage.minFree());
    if (stores.databaseDirectory().isPresent()) {
      DataFolder.requireBelow(
          stores.databaseDirectory().get(),
          storage.maxDatabase(),
          "sessions",
          "linescribe.storage.max-database");
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Builds a pipeline; stores and at least one recogniser are required. */
  public static final class Builder {
    private SessionSettings settings = SessionSettings.defaults();
    private final Map<String, Recogniser> recognisers = new LinkedHashMap<>();
    private final Set<String> onRequest = new HashSet<>();
    private final Map<String, Recogniser> models = new LinkedHashMap<>();
    private @Nullable SessionStores stores;
    private MeterRegistry registry = new io.micrometer.core.instrument.simple.SimpleMeterRegistry();
    private Clock clock = Clock.systemUTC();
    private StorageSettings storage = StorageSettings.defaults();
    private TextSettings text = TextSettings.defaults();
    private SessionTraces traces = SessionTraces.OFF;

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

    /** Adds a recogniser that serves only requests that name it; others do not fail over to it. */
    public Builder recogniserOnRequest(String provider, Recogniser recogniser) {
      onRequest.add(provider);
      return recogniser(provider, recogniser);
    }

    /** Adds a model that a source may ask for by its name, whichever provider has it. */
    public Builder model(String name, Recogniser recogniser) {
      models.put(name, recogniser);
      return this;
    }

    public Builder stores(SessionStores value) {
      stores = value;
      return this;
    }

    public Builder storage(StorageSettings value) {
      storage = value;
      return this;
    }

    public Builder text(TextSettings value) {
      text = value;
      return this;
    }

    /** Without it no session is traced. */
    public Builder traces(SessionTraces value) {
      traces = value;
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
    SessionSource source = sources.open(request, listener);
    long nextSeq = source.current(0).seq();
    openings.forEach(opening -> opening.onOpened(source.sessionId(), nextSeq));
    return source;
  }

  @Override
  public Set<String> models() {
    return recognisers.models();
  }

  @Override
  public void check(RecognitionRequest recognition) throws SessionRefusedException {
    sources.check(recognition);
  }

  @Override
  public void onOpening(SessionOpeningListener listener) {
    openings.add(listener);
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
            readerMeters,
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
  public List<SessionRecord> list(SessionQuery query) {
    return store.list(query);
  }

  @Override
  public List<Segment> segments(SessionId sessionId, long fromSeq, int limit) {
    return store.segments(sessionId, fromSeq, limit);
  }

  @Override
  public WordQuery.Page find(WordQuery query) {
    return store.find(query);
  }

  @Override
  public boolean keepInsights(SessionId sessionId, String json) {
    return store.keepInsights(sessionId, json);
  }

  @Override
  public Optional<String> insights(SessionId sessionId) {
    return store.insights(sessionId);
  }

  @Override
  public boolean isLive(SessionId sessionId) {
    return sources.isOpen(sessionId);
  }

  @Override
  public List<SessionId> liveSessions() {
    return sources.sessions();
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

  @Override
  public SourceCapacity sourceCapacity() {
    RecogniserLoad load = recognisers.first().load();
    return new SourceCapacity(settings.maxSources(), load.saturated(), load.moreStreams());
  }

  /** The records of calls that ended. */
  public CallLog callLog() {
    return new StoredCallLog(store);
  }

  /**
   * Deletes an ended session's transcript and calls from the database, and what the nodes share of
   * it. Blocks.
   *
   * @param unended also where nobody wrote its end, because its gateway was killed
   * @return how many segments were deleted; empty when there is no such session
   * @throws SessionOpenException when it has a source here or on another node, or no end
   * @throws StoreUnavailableException when the database or Redis does not answer, or some of it
   *     waits in the outbox; what Redis has may be gone then, and the rest is there
   */
  public OptionalLong erase(SessionId sessionId, boolean unended)
      throws SessionOpenException, InterruptedException {
    return eraser.erase(sessionId, unended);
  }

  /** As {@link StoredSessionEraser#eraseRest}. Blocks. */
  public boolean eraseRest(ErasureOrder order) throws InterruptedException {
    return eraser.eraseRest(order);
  }

  /** Sets what completes an erasure before its session is opened again. */
  public void beforeReopening(PendingErasure erasure) {
    sources.erasure().beforeReopening(erasure);
  }

  @Override
  public void refuseNew() {
    sources.refuseNew();
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
    upkeep.close();
    sources.fence();
    readers.forEach(TranscriptSubscription::close);
    live.close();
    lease.close();
    store.close();
    redis.ifPresent(RedisNode::close);
  }
}
