package org.linescribe.session.erasure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpenException;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.redis.ChannelListener;
import org.linescribe.session.redis.RedisNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Erases a session on every node. The deletion of its transcript leaves an order in the database;
 * each node executes the orders that it has not executed yet: when Redis tells it of one, at its
 * start, every half minute, and before it opens a session of that id.
 *
 * <p>Thread: any; blocks. Orders are looked for by a virtual thread of its own.
 */
public final class FleetErasure implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FleetErasure.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(30);
  private static final Duration TRY_AGAIN_AFTER = Duration.ofSeconds(2);
  private static final Duration LOOK_AT_ALL_EVERY = Duration.ofHours(1);
  private static final Duration TELL_PROGRESS_EVERY = Duration.ofSeconds(10);

  /** How long an answer waits for the nodes that are there. */
  private static final Duration WAIT_FOR_NODES = Duration.ofSeconds(2);

  private static final long ASK_AGAIN_MS = 25;
  private static final int PAGE = 500;

  /** An order may become visible behind so many that were given after it. */
  private static final int LATE_ORDERS = 1000;

  private static final String CHANNEL = "linescribe:erasures";

  private final SessionErasure here;
  private final Rest rest;
  private final ErasureOrders orders;
  private final String run = UUID.randomUUID().toString();
  private final Duration keep;
  private final Clock clock;
  private final @Nullable RedisNode redis;
  private final boolean shared;
  private final ReentrantLock executing = new ReentrantLock();
  private final Semaphore wakeUps = new Semaphore(0);
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile Runnable channel = () -> {};
  private volatile Node self;
  private boolean wasSeen;
  private Instant lookAtAllNext = Instant.MIN;

  /** Orders up to this id are executed; from 0 on at a start, and once an hour. */
  private long doneTo;

  /**
   * Deletes what this node has kept of a session for the database, or beside it, and closes a
   * source of it that is open here all the same.
   */
  @FunctionalInterface
  public interface Rest {
    /**
     * @return whether another session of its id began since; nothing of that goes
     * @throws StoreUnavailableException when that is not possible yet
     */
    boolean erase(ErasureOrder order) throws InterruptedException;
  }

  /**
   * What was deleted on this node, and the names of the nodes that have deleted what was theirs or
   * have still to do it.
   */
  public record Outcome(SessionErasure.Erased erased, List<String> done, List<String> pending) {
    public Outcome {
      done = List.copyOf(done);
      pending = List.copyOf(pending);
    }
  }

  /**
   * @param shared whether other nodes use the database too
   * @param keep how long an order waits for nodes that are away
   * @param redis borrowed; null where there is none
   */
  public FleetErasure(
      SessionErasure here,
      Rest rest,
      ErasureOrders orders,
      Node self,
      boolean shared,
      Duration keep,
      @Nullable RedisNode redis,
      Clock clock) {
    this.here = here;
    this.rest = rest;
    this.orders = orders;
    this.self = self;
    this.shared = shared;
    this.keep = keep;
    this.redis = redis;
    this.clock = clock;
  }

  /**
   * Executes what was ordered while this node was away, as far as the database answers, and from
   * then on what is ordered. Called once, when all that keeps something of sessions is there, and
   * before anybody is served.
   */
  public void start() {
    RedisNode told = redis;
    if (told != null) {
      channel = told.listen(CHANNEL, new OrderListener());
    }
    if (self.isNew() && here.isWithoutRecordings()) {
      begin();
    }
    try {
      boolean complete = executeAll();
      Thread.ofVirtual().name("linescribe-erasures").start(() -> keepLooking(complete));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * A new node has nothing that is older than its start, where its recordings, which may lie
   * outside its data folder, are new too. Where the database is away now it may have something by
   * the time that it can be asked, and executes all orders.
   */
  private void begin() {
    try {
      orders.begin(self, clock.instant());
    } catch (StoreUnavailableException away) {
      LOG.debug("All erasures will be executed: {}", away.toString());
    }
  }

  private void keepLooking(boolean startWasComplete) {
    try {
      boolean complete = startWasComplete;
      while (closing.getCount() > 0) {
        Duration pause = complete ? LOOK_EVERY : TRY_AGAIN_AFTER;
        if (wakeUps.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          wakeUps.drainPermits();
        }
        complete = closing.getCount() == 0 || executeAll();
      }
    } catch (InterruptedException stopped) {
      LOG.warn("Erasures of other nodes are no longer looked for");
    }
  }

  /** One look; false where something is still to be done. One caller at a time. */
  boolean executeAll() throws InterruptedException {
    try {
      Instant now = clock.instant();
      requireOwnId();
      orders.seen(self, run, now);
      wasSeen = true;
      if (!now.isBefore(lookAtAllNext)) {
        orders.forgetBefore(now.minus(keep));
        lookAtAllNext = now.plus(LOOK_AT_ALL_EVERY);
        doneTo = 0;
      }
      long last = orders.lastId();
      boolean complete = executeDue();
      if (complete) {
        doneTo = Math.max(doneTo, last - LATE_ORDERS);
      }
      return complete;
    } catch (StoreUnavailableException away) {
      LOG.debug("Erasures are looked for later: {}", away.toString());
      return false;
    } catch (IOException | RuntimeException bug) {
      LOG.error("Erasures cannot be looked for", bug);
      return false;
    }
  }

  /**
   * Two processes with one id would each take what the other has executed for its own. Whichever
   * finds that the other was seen since goes on by a new id, and both begin again.
   */
  private void requireOwnId() throws IOException {
    Node shared = self;
    Optional<String> seen = orders.run(shared);
    if (!seen.equals(Optional.of(run))) {
      doneTo = 0;
    }
    if (wasSeen && seen.isPresent() && !seen.get().equals(run)) {
      orders.repeat(shared);
      self = shared.renewed();
      LOG.warn(
          "Another gateway runs with a copy of the data folder {}: this one has a new id, and both"
              + " execute all erasures again",
          shared.name());
    }
  }

  private boolean executeDue() throws InterruptedException {
    boolean complete = true;
    int looked = 0;
    long toldNs = System.nanoTime();
    long after = doneTo;
    List<ErasureOrder> due;
    do {
      due = orders.due(self, after, PAGE);
      for (ErasureOrder order : due) {
        complete &= execute(order);
        after = order.id();
        looked++;
        if (System.nanoTime() - toldNs > TELL_PROGRESS_EVERY.toNanos()) {
          toldNs = System.nanoTime();
          LOG.info("{} erasures of other nodes are executed; there are more", looked);
        }
      }
    } while (due.size() == PAGE);
    return complete;
  }

  private boolean execute(ErasureOrder order) throws InterruptedException {
    // Whoever opens the session waits here, and whoever erases it may wait for that.
    if (!executing.tryLock(TRY_AGAIN_AFTER.toMillis(), TimeUnit.MILLISECONDS)) {
      return false;
    }
    try {
      if (orders.due(self, order.sessionId()).stream().noneMatch(order::equals)) {
        // It was executed before the session opened again, while others of its page were.
        return true;
      }
      boolean isUsedAgain = rest.erase(order);
      boolean held = here.eraseHere(order.sessionId(), isUsedAgain ? order.at() : Instant.MAX);
      done(order, held);
      if (held) {
        LOG.info("Session {} was erased elsewhere, and is now here too", order.sessionId());
      }
      return true;
    } catch (SessionOpenException | StoreUnavailableException later) {
      LOG.debug("Session {} is erased later: {}", order.sessionId(), later.toString());
      return false;
    } catch (IOException | UncheckedIOException refused) {
      LOG.warn("Session {} cannot be erased here yet", order.sessionId(), refused);
      return false;
    } catch (RuntimeException bug) {
      LOG.error("Session {} cannot be erased here", order.sessionId(), bug);
      return false;
    } finally {
      executing.unlock();
    }
  }

  private void done(ErasureOrder order, boolean held) {
    if (shared) {
      orders.done(order, self, held, clock.instant());
    } else {
      orders.forget(order);
    }
  }

  /**
   * Completes what was ordered of a session here before it is opened again.
   *
   * @throws StoreUnavailableException when that is not possible now
   */
  public void completeBeforeReopening(SessionId sessionId) throws InterruptedException {
    for (ErasureOrder order : orders.due(self, sessionId)) {
      if (!execute(order)) {
        throw new StoreUnavailableException("the session's erasure is not complete here yet");
      }
    }
  }

  /**
   * Erases a session as {@link SessionErasure#erase} does, and tells the other nodes. Waits a
   * moment for those that are there.
   *
   * @return empty when no node had anything of it, and none has still to look
   */
  public Optional<Outcome> erase(SessionId sessionId, boolean unended)
      throws SessionOpenException, IOException, InterruptedException {
    Optional<SessionErasure.Erased> erased;
    executing.lockInterruptibly();
    try {
      erased = here.erase(sessionId, unended);
      for (ErasureOrder order : orders.due(self, sessionId)) {
        // What came to the database behind an earlier erasure has no session that names it.
        rest.erase(order);
        done(order, erased.isPresent());
      }
    } finally {
      executing.unlock();
      tellOthers(sessionId);
    }
    Optional<ErasureOrders.State> state = awaitOthers(sessionId);
    boolean isOrHeld =
        erased.isPresent()
            || state.stream()
                .flatMap(known -> known.nodes().stream())
                .anyMatch(node -> node.doneAt().isEmpty() || node.held());
    return isOrHeld
        ? Optional.of(outcome(erased.orElse(new SessionErasure.Erased(0, 0)), state))
        : Optional.empty();
  }

  /**
   * How far a session's erasure is.
   *
   * @return empty where none was ordered, or it is so long ago that the order is forgotten
   */
  public Optional<Outcome> outcome(SessionId sessionId) {
    Optional<ErasureOrders.State> state = orders.newest(sessionId);
    return state.map(_ -> outcome(new SessionErasure.Erased(0, 0), state));
  }

  private Outcome outcome(SessionErasure.Erased erased, Optional<ErasureOrders.State> state) {
    return new Outcome(
        erased,
        state.map(known -> names(known.done())).orElse(List.of(self.name())),
        state.map(known -> names(known.pending())).orElse(List.of()));
  }

  private static List<String> names(List<ErasureOrders.NodeState> nodes) {
    return nodes.stream().map(ErasureOrders.NodeState::name).toList();
  }

  /** Wakes this node's own look too: an erasure that failed half-way is tried again. */
  private void tellOthers(SessionId sessionId) {
    wakeUps.release();
    RedisNode told = redis;
    if (told != null) {
      told.publish(CHANNEL, sessionId.value());
    }
  }

  private Optional<ErasureOrders.State> awaitOthers(SessionId sessionId)
      throws InterruptedException {
    RedisNode told = redis;
    long deadlineNs = System.nanoTime() + WAIT_FOR_NODES.toNanos();
    Optional<ErasureOrders.State> state = orders.newest(sessionId);
    while (told != null
        && told.isReachable()
        && state.stream().flatMap(known -> known.pending().stream()).anyMatch(this::isThere)
        && System.nanoTime() - deadlineNs < 0
        && !closing.await(ASK_AGAIN_MS, TimeUnit.MILLISECONDS)) {
      state = orders.newest(sessionId);
    }
    return state;
  }

  private boolean isThere(ErasureOrders.NodeState node) {
    return node.seenAt().isAfter(clock.instant().minus(LOOK_EVERY.multipliedBy(2)));
  }

  @Override
  public void close() {
    closing.countDown();
    channel.run();
    wakeUps.release();
  }

  /** Another node erased a session; or erasures may have been missed. */
  private final class OrderListener implements ChannelListener {
    @Override
    public void onMessage(String message) {
      wakeUps.release();
    }

    @Override
    public void onSubscribed() {
      wakeUps.release();
    }
  }
}
