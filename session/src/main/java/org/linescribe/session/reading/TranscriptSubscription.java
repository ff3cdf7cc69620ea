package org.linescribe.session.reading;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
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
 * One reader's position in a session: the next number that it needs, taken from the live events
 * where they have it, else from the store. Live events beyond a bound are dropped, because the
 * store has the finals. Only the newest end is kept, which is not in the store as an event.
 *
 * <p>Thread: a virtual thread of its own calls the reader; others only queue.
 */
public final class TranscriptSubscription implements Sessions.Subscription, LiveListener {
  private static final Logger LOG = LoggerFactory.getLogger(TranscriptSubscription.class);
  private static final int PAGE_SEGMENTS = 200;
  private static final long FIRST_RETRY_MS = 100;
  private static final long LAST_RETRY_MS = 2000;

  /** Interval of reads while other machines' events cannot arrive. */
  private static final long UNREACHABLE_POLL_MS = 1000;

  private final SessionId sessionId;
  private final TranscriptReader reader;
  private final DurableStore store;
  private final LiveTranscript live;
  private final ReaderMeters meters;
  private final int capacity;
  private final Consumer<TranscriptSubscription> onClosed;
  private final Deque<TranscriptEvent> events = new ArrayDeque<>();
  private boolean gap;
  private boolean closed;
  private boolean inReader;
  private @Nullable Thread thread;
  private long nextSeq;

  /** The highest final whose number is known. */
  private long knownSeq;

  /** An end that arrived before finals which are not in the store yet. */
  private TranscriptEvent.@Nullable Ended waitingEnd;

  /** The end that was read from the store, which may still arrive as a live event. */
  private TranscriptEvent.@Nullable Ended pastEnd;

  /** The newest end that the reader has. */
  private TranscriptEvent.@Nullable Ended deliveredEnd;

  /** False where an end may be in the store that did not arrive. */
  private boolean endRead;

  private long retryMs;
  private long readFailedNs;

  public TranscriptSubscription(
      SessionId sessionId,
      long fromSeq,
      TranscriptReader reader,
      DurableStore store,
      LiveTranscript live,
      ReaderMeters meters,
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

  public void start() {
    Thread own = Thread.ofVirtual().name("linescribe-reader-" + sessionId).unstarted(this::run);
    synchronized (this) {
      thread = own;
    }
    own.start();
  }

  @Override
  public synchronized void onEvent(TranscriptEvent event) {
    if (closed) {
      return;
    }
    if (event instanceof TranscriptEvent.Partial partial) {
      events.removeIf(e -> e instanceof TranscriptEvent.Partial p && p.leg().equals(partial.leg()));
    }
    if (events.size() >= capacity) {
      meters.dropped.increment();
      gap = true;
      if (event instanceof TranscriptEvent.Ended) {
        events.removeLast();
        events.addLast(event);
      }
    } else {
      events.addLast(event);
    }
    notify();
  }

  @Override
  public synchronized void onGap() {
    gap = true;
    notify();
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
        // After what waits: an end among it is then known.
        if (!endRead && !behind && isNothingWaiting()) {
          behind = !readEnd();
        }
        Wake wake = await(behind);
        if (wake.event() != null && !take(wake.event())) {
          behind = true;
        }
        if (wake.gap()) {
          behind = true;
          endRead = false;
        }
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
            // A final is not in the store yet: it waits in another machine's outbox.
            retryLater();
            return false;
          }
          deliver(new TranscriptEvent.Final(segment));
          nextSeq++;
        }
        meters.lag.record(page.size());
      } while (page.size() == PAGE_SEGMENTS && !isClosed());
      if (nextSeq <= knownSeq) {
        retryLater();
        return false;
      }
      retryMs = 0;
      deliverWaitingEnd();
      return true;
    } catch (StoreUnavailableException down) {
      retryLater();
      return false;
    }
  }

  private void deliverWaitingEnd() throws InterruptedException {
    TranscriptEvent.Ended end = waitingEnd;
    waitingEnd = null;
    if (end != null && end.seq() == nextSeq) {
      deliver(end);
    }
  }

  /** Delivers an end that came before this reader, or did not arrive; false to read it again. */
  private boolean readEnd() throws InterruptedException {
    Optional<SessionRecord> record;
    try {
      record = store.find(sessionId);
    } catch (StoreUnavailableException down) {
      retryLater();
      return false;
    }
    endRead = true;
    if (record.isEmpty() || record.get().endedAt().isEmpty()) {
      return true;
    }
    TranscriptEvent.Ended end =
        new TranscriptEvent.Ended(
            sessionId, record.get().lastSeq() + 1, record.get().endReason().orElse(""));
    if (end.equals(deliveredEnd)) {
      return true;
    }
    boolean taken = true;
    if (end.seq() < nextSeq) {
      deliver(end);
    } else {
      taken = take(end);
    }
    pastEnd = end;
    return taken;
  }

  private void retryLater() {
    retryMs = Math.clamp(2 * retryMs, FIRST_RETRY_MS, LAST_RETRY_MS);
    readFailedNs = System.nanoTime();
  }

  /** A store that is down is slow to fail, so not every live event may wait for a read of it. */
  private boolean isReadDue() {
    return retryMs == 0 || untilReadNs() <= 0;
  }

  private long untilReadNs() {
    return TimeUnit.MILLISECONDS.toNanos(retryMs) - (System.nanoTime() - readFailedNs);
  }

  /** Delivers an event when it is due; false when the store must be asked first. */
  private boolean take(TranscriptEvent event) throws InterruptedException {
    boolean isFinal = event instanceof TranscriptEvent.Final;
    boolean isRepeatedEnd = event.equals(pastEnd);
    pastEnd = null;
    if (isRepeatedEnd) {
      return true;
    }
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
    synchronized (this) {
      if (closed) {
        throw new InterruptedException("closed");
      }
      inReader = true;
    }
    try {
      reader.onEvent(event);
      if (event instanceof TranscriptEvent.Ended end) {
        deliveredEnd = end;
      }
    } finally {
      synchronized (this) {
        inReader = false;
      }
    }
  }

  private synchronized Wake await(boolean behind) throws InterruptedException {
    long leftNs = behind ? untilReadNs() : TimeUnit.MILLISECONDS.toNanos(UNREACHABLE_POLL_MS);
    long dueNs = System.nanoTime() + leftNs;
    boolean timedOut = false;
    while (events.isEmpty() && !gap && !closed && !timedOut) {
      TimeUnit.NANOSECONDS.timedWait(this, leftNs);
      leftNs = dueNs - System.nanoTime();
      if (leftNs <= 0) {
        // Redis may have become unreachable meanwhile, and sends no event about that.
        timedOut = behind || !live.isReachable();
        leftNs = TimeUnit.MILLISECONDS.toNanos(UNREACHABLE_POLL_MS);
        dueNs = System.nanoTime() + leftNs;
      }
    }
    boolean hadGap = gap;
    gap = false;
    return new Wake(events.pollFirst(), hadGap || timedOut);
  }

  private record Wake(@Nullable TranscriptEvent event, boolean gap) {}

  private synchronized boolean isNothingWaiting() {
    return events.isEmpty();
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private synchronized void markClosed() {
    closed = true;
    events.clear();
    notifyAll();
  }

  private void fail(Exception failure) {
    try {
      reader.onFailure(failure);
    } catch (RuntimeException bug) {
      LOG.error("Session {}: a reader failed to take its failure", sessionId, bug);
    }
  }

  /**
   * Interrupts the reader's own call, never a read of the store: an interrupted file channel would
   * close itself for everyone.
   */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
    Thread own = thread;
    if (inReader && own != null && own != Thread.currentThread()) {
      own.interrupt();
    }
  }
}
