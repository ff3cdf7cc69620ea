package org.linescribe.api.webhooks;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One session's way to one receiver. It reads like any other reader: a receiver that does not
 * answer blocks this reader's thread, and its finals wait in the store.
 *
 * <p>Thread: the subscription's own delivers; {@link #completeFromStore} another one, when the
 * first has nothing to do.
 */
final class SessionDelivery implements TranscriptReader {
  private static final Logger LOG = LoggerFactory.getLogger(SessionDelivery.class);
  private static final int PAGE = 200;
  private static final String INTERRUPTED = "interrupted";

  private final SessionId sessionId;
  private final DeliveryTarget receiver;
  private final Sessions sessions;
  private final JsonMapper json;
  private final Clock clock;
  private final ReentrantLock delivering = new ReentrantLock();

  /** Ends the wait for the next request. */
  private final Semaphore wakeUps = new Semaphore(0);

  private final AtomicBoolean reopened = new AtomicBoolean();
  private volatile DeliveryCursors.Cursor cursor;
  private volatile Sessions.@Nullable Subscription subscription;
  private volatile boolean finished;

  /** Whether the transcript is told: only events of the spool are due. */
  private boolean eventsOnly;

  private volatile DeliveryCursors.Cursor reopenedAt;

  /** What follows what seemed to be the last of a session. */
  enum Next {
    /** Nothing: it is forgotten. */
    FORGOTTEN,
    /** An event came into the spool meanwhile. */
    EVENTS,
    /** Another source has the session by now. */
    REOPENED
  }

  SessionDelivery(
      SessionId sessionId,
      DeliveryCursors.Cursor cursor,
      DeliveryTarget receiver,
      Sessions sessions,
      JsonMapper json,
      Clock clock) {
    this.sessionId = sessionId;
    this.cursor = cursor;
    this.reopenedAt = cursor;
    this.receiver = receiver;
    this.sessions = sessions;
    this.json = json;
    this.clock = clock;
  }

  SessionId sessionId() {
    return sessionId;
  }

  /** Tells the start, then reads; on a thread of its own, as the receiver may not answer. */
  void begin() {
    Thread.ofVirtual()
        .name("linescribe-webhook-" + sessionId)
        .start(
            () -> {
              try {
                tellStart();
                if (finished) {
                  return;
                }
                subscription = sessions.subscribe(sessionId, cursor.nextSeq(), this);
                if (finished) {
                  close();
                }
              } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
              } catch (RuntimeException failed) {
                onFailure(failed);
              }
            });
  }

  /**
   * The session got another source before its end was delivered.
   *
   * @param nextSeq the source's first final
   */
  void reopen(long nextSeq) {
    reopenedAt = new DeliveryCursors.Cursor(nextSeq, false);
    reopened.set(true);
  }

  /** Delivers what is in the spool, of a session whose transcript is told. */
  void beginEvents() {
    eventsOnly = true;
    deliverEvents();
  }

  /** Delivers what is in the spool, in the session's order. */
  void deliverEvents() {
    Thread.ofVirtual()
        .name("linescribe-webhook-" + sessionId)
        .start(
            () -> {
              try {
                while (!drained() && receiver.pause().await()) {
                  // The store is away, and comes back.
                }
              } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private boolean drained() throws InterruptedException {
    delivering.lockInterruptibly();
    try {
      if (finished) {
        return true;
      }
      if (eventsOnly) {
        drain();
        leave();
      } else {
        start();
        drain();
      }
      return true;
    } catch (RuntimeException failed) {
      onFailure(failed);
      return false;
    } finally {
      delivering.unlock();
    }
  }

  private void drain() throws InterruptedException {
    for (Optional<EventSpool.Spooled> first = receiver.spool().first(sessionId);
        first.isPresent();
        first = receiver.spool().first(sessionId)) {
      Optional<SessionRecord> session = sessions.find(sessionId);
      if (session.filter(this::isWanted).isPresent()) {
        deliver(WebhookMessage.of(first.get(), json), first.get().data());
      }
      if (finished) {
        return;
      }
      receiver.spool().removeFirst(sessionId);
    }
  }

  private boolean isWanted(SessionRecord session) {
    return receiver
        .sender()
        .endpoint()
        .filter(endpoint -> endpoint.wants(session.owner()))
        .isPresent();
  }

  /** Ends, unless more is due. */
  private void leave() throws InterruptedException {
    while (true) {
      switch (receiver.finish().apply(this)) {
        case FORGOTTEN -> {
          stop();
          return;
        }
        case EVENTS -> drain();
        case REOPENED -> {
          if (eventsOnly) {
            eventsOnly = false;
            cursor = reopenedAt;
            begin();
          } else {
            // Another source continues the session already; this reader reads it too.
            advance(new DeliveryCursors.Cursor(cursor.nextSeq(), false));
            start();
          }
          return;
        }
      }
    }
  }

  /** Delivers no more, and keeps nothing more; the request under way may be the last. */
  void stop() {
    synchronized (this) {
      finished = true;
    }
    close();
  }

  /** Takes the news of another source; false where there is none. */
  boolean takeReopening() {
    return reopened.compareAndSet(true, false);
  }

  @Override
  public void onEvent(TranscriptEvent event) throws InterruptedException {
    delivering.lockInterruptibly();
    try {
      if (finished) {
        return;
      }
      start();
      if (finished) {
        return;
      }
      drain();
      switch (event) {
        case TranscriptEvent.Partial _, TranscriptEvent.Dtmf _ -> {}
        case TranscriptEvent.Final(Segment segment) -> deliver(segment);
        case TranscriptEvent.Ended ended -> end(ended.seq(), ended.reason());
      }
    } finally {
      delivering.unlock();
    }
  }

  private void start() throws InterruptedException {
    if (cursor.started()) {
      return;
    }
    Optional<SessionRecord> session = sessions.find(sessionId);
    if (session.isPresent()) {
      if (!isWanted(session.get())) {
        leaveUnwanted();
        return;
      }
      deliver(WebhookMessage.started(session.get(), cursor.nextSeq(), json), null);
    }
    advance(new DeliveryCursors.Cursor(cursor.nextSeq(), true));
  }

  /** What is in the spool is not wanted either. */
  private void leaveUnwanted() {
    receiver.spool().erase(sessionId);
    switch (receiver.finish().apply(this)) {
      case FORGOTTEN -> stop();
      // The next event of the session leads here again.
      case EVENTS, REOPENED -> {}
    }
  }

  private void deliver(Segment segment) throws InterruptedException {
    if (segment.seq() >= cursor.nextSeq()) {
      deliver(WebhookMessage.segment(segment, json), null);
      advance(new DeliveryCursors.Cursor(segment.seq() + 1, true));
    }
  }

  private void end(long nextSeq, String reason) throws InterruptedException {
    Optional<SessionRecord> session = sessions.find(sessionId);
    if (session.isPresent()) {
      deliver(WebhookMessage.ended(session.get(), nextSeq, reason, clock.instant(), json), null);
    }
    leave();
  }

  /**
   * @param data of an event that the store does not have
   */
  private void deliver(WebhookMessage message, @Nullable JsonNode data)
      throws InterruptedException {
    WebhookSender sender = receiver.sender();
    if (finished || sender.endpoint().filter(to -> to.wants(message.event())).isEmpty()) {
      return;
    }
    Optional<String> givenUp =
        sender.deliver(message, now -> firstAttempt(message, now), () -> finished, wakeUps);
    receiver.firstAttempts().clear(sessionId);
    givenUp.ifPresent(
        reason ->
            keep(
                () ->
                    receiver
                        .deadLetters()
                        .add(
                            new DeadLetters.Letter(
                                message.id(),
                                sender.name(),
                                message.event().wireName(),
                                sessionId.value(),
                                message.seq(),
                                reason,
                                clock.instant(),
                                data))));
  }

  private synchronized Instant firstAttempt(WebhookMessage message, Instant now) {
    return finished ? now : receiver.firstAttempts().of(sessionId, message.id(), now);
  }

  private void advance(DeliveryCursors.Cursor next) {
    cursor = next;
    keep(() -> receiver.cursors().advance(sessionId, next));
  }

  private synchronized void keep(Runnable kept) {
    if (!finished) {
      kept.run();
    }
  }

  /**
   * Delivers what the store has and the end, of a session whose source is gone without one: its
   * process was killed. Waits for what the reader delivers, which knows of no end.
   */
  void completeFromStore() throws InterruptedException {
    delivering.lockInterruptibly();
    try {
      Optional<SessionRecord> session = sessions.find(sessionId);
      if (finished || sessions.isLive(sessionId)) {
        return;
      }
      if (session.isPresent()) {
        start();
        List<Segment> page;
        do {
          page = sessions.segments(sessionId, cursor.nextSeq(), PAGE);
          for (Segment segment : page) {
            deliver(segment);
          }
        } while (page.size() == PAGE);
      }
      end(cursor.nextSeq(), session.flatMap(SessionRecord::endReason).orElse(INTERRUPTED));
    } finally {
      delivering.unlock();
    }
  }

  private void tellStart() throws InterruptedException {
    delivering.lockInterruptibly();
    try {
      start();
    } finally {
      delivering.unlock();
    }
  }

  @Override
  public void onFailure(Exception failure) {
    LOG.warn("The webhook {} cannot read session {}", receiver.sender().name(), sessionId, failure);
  }

  /** The session has another receiver: what waits for the one before is sent to it at once. */
  void wakeUp() {
    wakeUps.release();
  }

  /** Ends a wait too, for whoever waits to see that all stops. */
  void close() {
    wakeUp();
    Sessions.Subscription begun = subscription;
    if (begun != null) {
      begun.close();
    }
  }
}
