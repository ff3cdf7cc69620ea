package org.linescribe.session.numbering;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.outbox.DurableStore;
import org.linescribe.session.store.SegmentConflictException;
import org.linescribe.session.store.StoreWrite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Numbers a source's finals and makes them durable, as long as the source holds the lease.
 *
 * <p>Thread: the session's writer numbers; any fences.
 */
final class Sequencer {
  private static final Logger LOG = LoggerFactory.getLogger(Sequencer.class);
  private static final Duration RETRY = Duration.ofMillis(100);

  private final SessionId sessionId;
  private final DurableStore store;
  private final SourceLease.Grant grant;
  private final ReentrantLock numbering = new ReentrantLock();
  private volatile boolean fenced;
  private volatile long nextSeq;

  Sequencer(SessionId sessionId, DurableStore store, SourceLease.Grant grant, long nextSeq) {
    this.sessionId = sessionId;
    this.store = store;
    this.grant = grant;
    this.nextSeq = nextSeq;
  }

  /** Number of the coming final. */
  long nextSeq() {
    return nextSeq;
  }

  /**
   * Gives a final its number and keeps it. Blocks.
   *
   * @return the final, durable; empty when the right to write is gone
   */
  Optional<Segment> append(LongFunction<Segment> numbered) {
    numbering.lock();
    try {
      while (!fenced && grant.holds()) {
        try {
          return keep(numbered.apply(nextSeq));
        } catch (SegmentConflictException taken) {
          if (!grant.isConfirmed()) {
            LOG.warn("{}: this source is stale; closing it", taken.getMessage());
            return Optional.empty();
          }
          // A writer before this one stood still, lost the lease, and its final came late. That
          // final keeps the number; readers find it in the store, before the one that comes now.
          nextSeq = behindLast();
          LOG.warn("{}: this source goes on at {}", taken.getMessage(), nextSeq);
        }
      }
      return Optional.empty();
    } catch (UncheckedIOException full) {
      LOG.error("Session {}: a final is lost: neither the store nor the outbox took it", sessionId);
      return Optional.empty();
    } finally {
      numbering.unlock();
    }
  }

  private Optional<Segment> keep(Segment segment) throws SegmentConflictException {
    if (!keep(new StoreWrite.Appended(segment)) && !grant.holds()) {
      // Stopped on the way (SIGSTOP, a machine that swaps), this process lost the session: the
      // database will refuse what the outbox has, because the next writer's final has its number.
      return Optional.empty();
    }
    nextSeq = segment.seq() + 1;
    grant.wrote(segment.seq());
    return Optional.of(segment);
  }

  private long behindLast() {
    try {
      return Math.max(nextSeq, store.lastSeq(sessionId)) + 1;
    } catch (StoreUnavailableException down) {
      return nextSeq + 1;
    }
  }

  /**
   * A full disk stops this session, and by back-pressure its audio, until it has space again.
   *
   * @return whether the database has it, not the outbox
   */
  private boolean keep(StoreWrite write) throws SegmentConflictException {
    boolean logged = false;
    while (true) {
      try {
        return store.keep(write);
      } catch (UncheckedIOException full) {
        if (!logged) {
          LOG.error(
              "Session {}: neither the store nor the outbox takes a final: {}",
              sessionId,
              full.toString());
          logged = true;
        }
        if (fenced) {
          throw full;
        }
        LockSupport.parkNanos(RETRY.toNanos());
      }
    }
  }

  /** Keeps what is known of the session, if the right to write is still there. */
  void describe(StoreWrite.Opened description) {
    try {
      if (grant.holds()) {
        store.write(description);
      }
    } catch (UncheckedIOException | SegmentConflictException unkept) {
      LOG.error(
          "Session {}: neither the store nor the outbox takes an attribute: {}",
          sessionId,
          unkept.toString());
    }
  }

  /**
   * Keeps the end of the source.
   *
   * @return false when the lease is lost: the session's new source goes on, and there is no end to
   *     announce
   */
  boolean end(Instant openedAt, Instant at, String reason) {
    if (!grant.holds()) {
      return false;
    }
    try {
      store.write(new StoreWrite.Ended(sessionId, openedAt, at, reason));
    } catch (UncheckedIOException | SegmentConflictException unkept) {
      LOG.error(
          "Session {}: neither the store nor the outbox takes its end: {}",
          sessionId,
          unkept.toString());
    }
    return true;
  }

  /** From its return on no number is assigned, whatever results still arrive. */
  void fence() {
    fenced = true;
    // Waits for a number that is being written now; a full disk gives up when it sees the fence.
    numbering.lock();
    numbering.unlock();
  }
}
