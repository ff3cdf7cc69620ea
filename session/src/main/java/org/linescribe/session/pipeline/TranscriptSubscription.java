package org.linescribe.session.pipeline;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;
import org.linescribe.session.live.LiveListener;
import org.linescribe.session.live.LiveTranscript;
import org.linescribe.session.outbox.DurableStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader's way through a session: it knows the next number that it wants, and takes it from the
 * live events where they have it, else from the store. Live events beyond a bound are dropped: they
 * are wake-ups, the store has the finals. Only the newest end is kept, which the store would not
 * tell.
 *
 * <p>Thread: a virtual thread of its own calls the reader; others only queue.
 */
final class TranscriptSubscription implements Sessions.Subscription, LiveListener {
  private static final Logger LOG = LoggerFactory.getLogger(TranscriptSubscription.class);
  private static final int PAGE_SEGMENTS = 200;
  private static final long FIRST_RETRY_MS = 100;
  private static final long LAST_RETRY_MS = 2000;

  /** How often the store is asked while other machines' events cannot come. */
  private static final long DEAF_POLL_MS = 1000;

  private final SessionId sessionId;
  private final TranscriptReader reader;
  private final DurableStore store;
  private final LiveTranscript live;
  private final SessionMeters meters;
  private final int capacity;
  private final Consumer<TranscriptSubscription> onClosed;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Deque<TranscriptEvent> events = new ArrayDeque<>();
  private boolean gap;
  private boolean closed;
  private boolean inReader;
  private @Nullable Thread thread;
  private long nextSeq;

  /** The highest final that was heard of. */
  private long knownSeq;

  /** One that came before finals which the store had yet to give. */
  private TranscriptEvent.@Nullable Ended waitingEnd;

  private long retryMs;
  private long readFailedNs;

  TranscriptSubscription(
      SessionId sessionId,
      long fromSeq,
      TranscriptReader reader,
      DurableStore store,
      LiveTranscript live,
      SessionMeters meters,
      int capacity,
      Consumer<TranscriptSubscription> onClosed) {
    this.sessionId = sessionId;
    this.nextSeq = Math.max(1, fromSeq);
    this.reader = reader;
    this.store = store;
    this.live = live;
    this.meters = meters;
    this.capacity = capacity;
    this.onClosed = onClosed;
  }

  void start() {
    Thread own = Thread.ofVirtual().name("linescribe-reader-" + sessionId).unstarted(this::run);
    lock.lock();
    try {
      thread = own;
    } finally {
      lock.unlock();
    }
    own.start();
  }

  @Override
  public void onEvent(TranscriptEvent event) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (event instanceof TranscriptEvent.Partial partial) {
        events.removeIf(
            e -> e instanceof TranscriptEvent.Partial p && p.leg().equals(partial.leg()));
      }
      if (events.size() >= capacity) {
        meters.readerDropped.increment();
        gap = true;
        if (event instanceof TranscriptEvent.Ended) {
          events.removeLast();
          events.addLast(event);
        }
      } else {
        events.addLast(event);
      }
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onGap() {
    lock.lock();
    try {
      gap = true;
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    LiveTranscript.@Nullable Registration registration = null;
    try {
      registration = live.subscribe(sessionId, this);
      boolean first = true;
      boolean behind = true;
      while (!isClosed()) {
        if (behind && isReadDue()) {
          behind = !catchUp();
          if (first && !behind) {
            first = false;
            for (TranscriptEvent.Partial partial : live.current(sessionId)) {
              behind |= !take(partial);
            }
          }
        }
        Wake wake = await(behind);
        if (wake.event() != null && !take(wake.event())) {
          behind = true;
        }
        behind |= wake.gap();
      }
    } catch (InterruptedException stopped) {
      if (!isClosed()) {
        fail(stopped);
      }
    } catch (Exception failure) {
      if (!isClosed()) {
        fail(failure);
      }
    } finally {
      if (registration != null) {
        registration.close();
      }
      markClosed();
      onClosed.accept(this);
    }
  }

  /** Delivers what the store has; false when it must be asked again. */
  private boolean catchUp() throws InterruptedException {
    try {
      List<Segment> page;
      do {
        page = store.segments(sessionId, nextSeq, PAGE_SEGMENTS);
        for (Segment segment : page) {
          if (segment.seq() != nextSeq) {
            // A number is still on its way into the store, from another machine's outbox.
            retryLater();
            return false;
          }
          deliver(new TranscriptEvent.Final(segment));
          nextSeq++;
        }
        meters.readerLag.record(page.size());
      } while (page.size() == PAGE_SEGMENTS && !isClosed());
      if (nextSeq <= knownSeq) {
        retryLater();
        return false;
      }
      retryMs = 0;
      tellWaitingEnd();
      return true;
    } catch (StoreUnavailableException down) {
      retryLater();
      return false;
    }
  }

  private void tellWaitingEnd() throws InterruptedException {
    TranscriptEvent.Ended end = waitingEnd;
    waitingEnd = null;
    if (end != null && end.seq() == nextSeq) {
      deliver(end);
    }
  }

  private void retryLater() {
    retryMs = Math.clamp(2 * retryMs, FIRST_RETRY_MS, LAST_RETRY_MS);
    readFailedNs = System.nanoTime();
  }

  /** A store that is down takes its time to say so: live events must not wait for that each. */
  private boolean isReadDue() {
    return retryMs == 0 || untilReadNs() <= 0;
  }

  private long untilReadNs() {
    return TimeUnit.MILLISECONDS.toNanos(retryMs) - (System.nanoTime() - readFailedNs);
  }

  /** Delivers an event when it is due; false when the store must be asked first. */
  private boolean take(TranscriptEvent event) throws InterruptedException {
    boolean isFinal = event instanceof TranscriptEvent.Final;
    knownSeq = Math.max(knownSeq, isFinal ? event.seq() : event.seq() - 1);
    if (event.seq() > nextSeq && (!isReadDue() || !catchUp())) {
      if (event instanceof TranscriptEvent.Ended end) {
        waitingEnd = end;
      }
      return false;
    }
    if (event.seq() != nextSeq) {
      // Already read, or not wanted yet.
      return true;
    }
    deliver(event);
    if (isFinal) {
      nextSeq++;
    }
    return true;
  }

  private void deliver(TranscriptEvent event) throws InterruptedException {
    lock.lock();
    try {
      if (closed) {
        throw new InterruptedException("closed");
      }
      inReader = true;
    } finally {
      lock.unlock();
    }
    try {
      reader.onEvent(event);
    } finally {
      lock.lock();
      try {
        inReader = false;
      } finally {
        lock.unlock();
      }
    }
  }

  private Wake await(boolean behind) throws InterruptedException {
    lock.lock();
    try {
      long leftNs = behind ? untilReadNs() : TimeUnit.MILLISECONDS.toNanos(DEAF_POLL_MS);
      boolean timedOut = false;
      while (events.isEmpty() && !gap && !closed && !timedOut) {
        leftNs = arrived.awaitNanos(leftNs);
        if (leftNs <= 0) {
          // Redis may have gone while this waited, and its silence tells nothing.
          timedOut = behind || !live.isReachable();
          leftNs = TimeUnit.MILLISECONDS.toNanos(DEAF_POLL_MS);
        }
      }
      boolean hadGap = gap;
      gap = false;
      return new Wake(events.pollFirst(), hadGap || timedOut);
    } finally {
      lock.unlock();
    }
  }

  private record Wake(@Nullable TranscriptEvent event, boolean gap) {}

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private void markClosed() {
    lock.lock();
    try {
      closed = true;
      events.clear();
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void fail(Exception failure) {
    try {
      reader.onFailure(failure);
    } catch (RuntimeException bug) {
      LOG.error("Session {}: a reader failed to take its end", sessionId, bug);
    }
  }

  /**
   * Interrupts the reader's own call, never a read of the store: an interrupted file channel would
   * close itself for everyone.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      arrived.signalAll();
      Thread own = thread;
      if (inReader && own != null && own != Thread.currentThread()) {
        own.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }
}
