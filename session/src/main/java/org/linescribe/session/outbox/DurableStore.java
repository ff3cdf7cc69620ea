package org.linescribe.session.outbox;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.WordQuery;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.store.SegmentConflictException;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.StoreWrite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store whose writes are durable within a bound, whatever the database does: what it does not
 * take in time goes to the outbox, and from there, in order, to the database when it is back. Reads
 * see both as one.
 *
 * <p>While anything waits in the outbox every write queues behind it: that keeps each session's
 * order, and spares a struggling database. Thread: any; blocks. Takes ownership of the store.
 */
public final class DurableStore implements SegmentStore {
  private static final Logger LOG = LoggerFactory.getLogger(DurableStore.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(100);
  private static final Duration LAST_RETRY = Duration.ofSeconds(2);

  /** Direct writes in flight; those beyond it go to the outbox at once. */
  private static final int DIRECT_WRITES = 64;

  private final SegmentStore store;
  private final Outbox outbox;
  private final MergedReads reads;
  private final ConflictLog conflictLog;
  private final Duration bound;
  private final Consumer<SessionId> onDrained;
  private final Semaphore direct = new Semaphore(DIRECT_WRITES);
  private final Timer latency;
  private final Counter spilled;
  private final Counter conflicts;
  private final Thread drainer;
  private volatile boolean reachable = true;
  private volatile boolean closed;
  private final CountDownLatch closing = new CountDownLatch(1);

  private DurableStore(
      SegmentStore store,
      Outbox outbox,
      ConflictLog conflictLog,
      Duration bound,
      MeterRegistry meters,
      Consumer<SessionId> onDrained) {
    this.store = store;
    this.onDrained = onDrained;
    this.outbox = outbox;
    this.reads = new MergedReads(store, outbox);
    this.conflictLog = conflictLog;
    this.bound = bound;
    this.latency = meters.timer("linescribe.session.store.latency");
    this.spilled = meters.counter("linescribe.session.outbox.spilled");
    this.conflicts = meters.counter("linescribe.session.outbox.conflicts");
    Gauge.builder("linescribe.session.outbox.segments", outbox, Outbox::segments).register(meters);
    this.drainer = Thread.ofVirtual().name("linescribe-outbox").start(this::drain);
  }

  /**
   * @param directory of the outbox, made when missing, used by one process at a time
   * @param maxBytes bound on the outbox's files
   * @param bound how long a write may take before it goes to the outbox
   * @param onDrained called when all of a session's changes have gone from the outbox to the store
   * @throws IllegalStateException when the directory cannot be used
   */
  public static DurableStore open(
      SegmentStore store,
      Path directory,
      long maxBytes,
      Duration bound,
      MeterRegistry meters,
      Consumer<SessionId> onDrained) {
    return open(
        store,
        directory,
        Outbox.open(directory, maxBytes, LogFile.Opener.READ_WRITE),
        bound,
        meters,
        onDrained);
  }

  static DurableStore open(
      SegmentStore store,
      Path directory,
      Outbox outbox,
      Duration bound,
      MeterRegistry meters,
      Consumer<SessionId> onDrained) {
    return new DurableStore(store, outbox, new ConflictLog(directory), bound, meters, onDrained);
  }

  /**
   * {@inheritDoc}
   *
   * @throws UncheckedIOException when the outbox had to take it and could not: it is not durable
   */
  @Override
  public void write(StoreWrite write) throws SegmentConflictException {
    keep(write);
  }

  /**
   * As {@link #write}.
   *
   * @return whether the database has it; if not the outbox has, and the database may refuse it yet
   */
  public boolean keep(StoreWrite write) throws SegmentConflictException {
    if (!outbox.isDrained() || !direct.tryAcquire()) {
      spill(write);
      return false;
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("linescribe-store-write")
        .start(
            () -> {
              try {
                timed(write);
                done.complete(null);
              } catch (Exception failed) {
                done.completeExceptionally(failed);
              } finally {
                direct.release();
              }
            });
    try {
      done.get(bound.toNanos(), TimeUnit.NANOSECONDS);
      reachable = true;
      return true;
    } catch (TimeoutException slow) {
      reachable = false;
      spill(write);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof SegmentConflictException conflict) {
        throw conflict;
      }
      LOG.debug("Store write failed", failed.getCause());
      reachable = false;
      spill(write);
    } catch (InterruptedException interrupted) {
      // The change must be durable before the caller goes: the flag is kept for it.
      spill(write);
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private void timed(StoreWrite write) throws SegmentConflictException {
    long startNs = System.nanoTime();
    try {
      store.write(write);
    } finally {
      latency.record(System.nanoTime() - startNs, TimeUnit.NANOSECONDS);
    }
  }

  private void spill(StoreWrite write) {
    outbox.append(write);
    spilled.increment();
  }

  private void drain() {
    Duration retry = FIRST_RETRY;
    boolean logged = false;
    while (!closed) {
      try {
        OutboxIndex.Pending oldest = outbox.awaitOldest();
        if (oldest == null) {
          return;
        }
        if (drainOne(oldest)) {
          retry = FIRST_RETRY;
          reachable = true;
          if (logged) {
            LOG.info("The segment store answers again; {} segments wait", outbox.segments());
            logged = false;
          }
        } else {
          reachable = false;
          if (!logged) {
            LOG.warn("The segment store does not answer; finals are kept in the outbox");
            logged = true;
          }
          if (isClosedWithin(retry)) {
            return;
          }
          retry =
              retry.multipliedBy(2).compareTo(LAST_RETRY) > 0 ? LAST_RETRY : retry.multipliedBy(2);
        }
      } catch (InterruptedException stopped) {
        return;
      } catch (RuntimeException broken) {
        if (closed) {
          return;
        }
        LOG.error("The outbox cannot be drained: {}", broken.toString());
        if (isClosedWithin(LAST_RETRY)) {
          return;
        }
      }
    }
  }

  private boolean isClosedWithin(Duration time) {
    try {
      return closing.await(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private boolean drainOne(OutboxIndex.Pending oldest) {
    StoreWrite write = outbox.read(oldest);
    try {
      if (isErased(write)) {
        LOG.debug("Session {} was erased; what waits of it is dropped", write.sessionId());
      } else {
        timed(write);
      }
    } catch (SegmentConflictException taken) {
      conflictLog.append(write);
      conflicts.increment();
      LOG.error("{}; the outbox's is set aside in conflicts.log", taken.getMessage());
    } catch (RuntimeException down) {
      LOG.debug("Outbox write failed", down);
      return false;
    }
    if (outbox.drained(oldest)) {
      onDrained.accept(write.sessionId());
    }
    return true;
  }

  /** Whether its session was erased while it waited here. */
  private boolean isErased(StoreWrite write) {
    return store
        .erasedAt(write.sessionId())
        .filter(erasedAt -> !write.at().isAfter(erasedAt))
        .isPresent();
  }

  /** Segments that wait in the outbox. */
  public long outboxSegments() {
    return outbox.segments();
  }

  /** Waits until the outbox is empty; false when the time is up first. */
  public boolean awaitDrained(Duration atMost) throws InterruptedException {
    return outbox.awaitDrained(atMost.toNanos());
  }

  @Override
  public long lastSeq(SessionId sessionId) {
    return reads.lastSeq(sessionId);
  }

  @Override
  public Optional<Instant> lastOpening(SessionId sessionId) {
    return reads.lastOpening(sessionId);
  }

  @Override
  public List<Segment> segments(SessionId sessionId, long fromSeq, int limit) {
    return reads.segments(sessionId, fromSeq, limit, reachable);
  }

  @Override
  public Optional<SessionRecord> find(SessionId sessionId) {
    return reads.find(sessionId);
  }

  /** As {@link #find} sees each: with what waits in the outbox. The database must answer. */
  @Override
  public List<SessionRecord> list(SessionQuery query) {
    return reads.list(query);
  }

  @Override
  public WordQuery.Page find(WordQuery query) {
    return store.find(query);
  }

  @Override
  public List<CallRecord> calls(Optional<Instant> startedBefore, int limit) {
    return store.calls(startedBefore, limit);
  }

  @Override
  public Optional<CallRecord> newestCall(SessionId sessionId) {
    return store.newestCall(sessionId);
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
  public int deleteEndedBefore(Instant end, String ownerPrefix, int limit) {
    return store.deleteEndedBefore(end, ownerPrefix, limit);
  }

  /**
   * {@inheritDoc}
   *
   * @throws StoreUnavailableException also while some of it waits in the outbox
   */
  @Override
  public OptionalLong erase(SessionId sessionId, boolean unended, Instant now) {
    if (outbox.holds(sessionId)) {
      throw new StoreUnavailableException("the session waits in the outbox for the database");
    }
    OptionalLong erased = store.erase(sessionId, unended, now);
    // Also where an earlier call erased it and came no further.
    if (erased.isPresent() || store.find(sessionId).isEmpty()) {
      conflictLog.erase(sessionId);
    }
    return erased;
  }

  /**
   * {@inheritDoc} What the database refused of it is deleted too.
   *
   * @throws StoreUnavailableException also while some of it waits in the outbox
   */
  @Override
  public void eraseRest(SessionId sessionId, Instant erasedAt) {
    if (outbox.holds(sessionId)) {
      throw new StoreUnavailableException("the session waits in the outbox for the database");
    }
    store.eraseRest(sessionId, erasedAt);
    conflictLog.erase(sessionId);
  }

  @Override
  public Optional<Instant> erasedAt(SessionId sessionId) {
    return store.erasedAt(sessionId);
  }

  /** Whether the database took the last write; asks it when it did not. */
  @Override
  public boolean isReachable() {
    return reachable;
  }

  /** Asks the database, and remembers the answer for {@link #isReachable}. Blocks. */
  public void probe() {
    if (outbox.isDrained()) {
      reachable = store.isReachable();
    }
  }

  @Override
  public void close() {
    closed = true;
    closing.countDown();
    outbox.stop();
    try {
      drainer.join(bound);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    outbox.close();
    store.close();
  }
}
