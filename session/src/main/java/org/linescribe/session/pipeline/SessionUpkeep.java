package org.linescribe.session.pipeline;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.linescribe.session.SessionOwner;
import org.linescribe.session.admission.OpenSources;
import org.linescribe.session.outbox.DurableStore;
import org.linescribe.session.storage.StorageSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to sessions by time alone: sources that are idle or open too long are closed, a
 * database that did not answer is asked again, and sessions are deleted after their time.
 *
 * <p>Thread: one of its own for the sources; virtual threads for what asks the database.
 */
final class SessionUpkeep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SessionUpkeep.class);
  private static final long TICK_MS = 100;
  private static final long PROBE_EVERY_TICKS = 20;
  private static final long EXPIRY_EVERY_TICKS = 600;
  private static final int EXPIRED_SESSIONS = 500;

  private final OpenSources sources;
  private final DurableStore store;
  private final StorageSettings storage;
  private final Clock clock;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicBoolean probing = new AtomicBoolean();
  private final AtomicBoolean expiring = new AtomicBoolean();

  private SessionUpkeep(
      OpenSources sources, DurableStore store, StorageSettings storage, Clock clock) {
    this.sources = sources;
    this.store = store;
    this.storage = storage;
    this.clock = clock;
  }

  static SessionUpkeep start(
      OpenSources sources, DurableStore store, StorageSettings storage, Clock clock) {
    SessionUpkeep upkeep = new SessionUpkeep(sources, store, storage, clock);
    // A virtual thread that sleeps costs a hand-over through two more threads at each tick.
    Thread.ofPlatform().daemon().name("linescribe-session-clock").start(upkeep::run);
    return upkeep;
  }

  private void run() {
    try {
      for (long tick = 1; !closing.await(TICK_MS, TimeUnit.MILLISECONDS); tick++) {
        tick(tick);
      }
    } catch (InterruptedException stopped) {
      LOG.warn("The sessions' timer thread was interrupted");
    }
  }

  /** Catches every fault, because one must not stop the timers of all sessions. */
  private void tick(long count) {
    try {
      sources.tick(clock.millis());
      if (count % PROBE_EVERY_TICKS == 0) {
        inBackground(probing, store::probe);
      }
      if (count % EXPIRY_EVERY_TICKS == 1) {
        inBackground(expiring, this::deleteExpired);
      }
    } catch (RuntimeException bug) {
      LOG.error("A tick of the sessions' timers failed", bug);
    }
  }

  /** Runs at most one at a time, because a database that hangs blocks it. */
  private void inBackground(AtomicBoolean running, Runnable work) {
    if (running.compareAndSet(false, true)) {
      Thread.ofVirtual()
          .name("linescribe-store-upkeep")
          .start(
              () -> {
                try {
                  work.run();
                } catch (RuntimeException down) {
                  LOG.debug("The store's upkeep failed", down);
                } finally {
                  running.set(false);
                }
              });
    }
  }

  private void deleteExpired() {
    deleteExpired(storage.keepSessions(), "");
    deleteExpired(storage.keepStrangersSessions(), SessionOwner.STRANGER_PREFIX);
  }

  private void deleteExpired(Duration keep, String ownerPrefix) {
    if (keep.isZero()) {
      return;
    }
    int deleted;
    do {
      deleted = store.deleteEndedBefore(clock.instant().minus(keep), ownerPrefix, EXPIRED_SESSIONS);
      if (deleted > 0) {
        LOG.info("{} sessions were deleted after {}", deleted, keep);
      }
    } while (deleted == EXPIRED_SESSIONS);
  }

  /** Stops the timers; what asks the database goes on to its end. */
  @Override
  public void close() {
    closing.countDown();
  }
}
