package org.linescribe.api.webhooks;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.TranscriptReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
  private final Receiver receiver;
  private final Sessions sessions;
  private final JsonMapper json;
  private final Clock clock;
  private final ReentrantLock delivering = new ReentrantLock();
  private final AtomicBoolean reopened = new AtomicBoolean();
  private volatile DeliveryCursors.Cursor cursor;
  private volatile Sessions.@Nullable Subscription subscription;
  private volatile boolean finished;

  /**
   * What the deliveries of one receiver share.
   *
   * @param finish forgets a session whose end is delivered; false where it was opened again
   */
  record Receiver(
      WebhookSender sender,
      DeliveryCursors cursors,
      DeadLetters deadLetters,
      Predicate<SessionDelivery> finish) {}

  SessionDelivery(
      SessionId sessionId,
      DeliveryCursors.Cursor cursor,
      Receiver receiver,
      Sessions sessions,
      JsonMapper json,
      Clock clock) {
    this.sessionId = sessionId;
    this.cursor = cursor;
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

  /** The session got another source before its end was delivered. */
  void reopen() {
    reopened.set(true);
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
      if (!receiver.sender().endpoint().wants(session.get().owner())) {
        finished = receiver.finish().test(this);
        return;
      }
      deliver(WebhookMessage.started(session.get(), cursor.nextSeq(), json));
    }
    advance(new DeliveryCursors.Cursor(cursor.nextSeq(), true));
  }

  private void deliver(Segment segment) throws InterruptedException {
    if (segment.seq() >= cursor.nextSeq()) {
      deliver(WebhookMessage.segment(segment, json));
      advance(new DeliveryCursors.Cursor(segment.seq() + 1, true));
    }
  }

  private void end(long nextSeq, String reason) throws InterruptedException {
    Optional<SessionRecord> session = sessions.find(sessionId);
    if (session.isPresent()) {
      deliver(WebhookMessage.ended(session.get(), nextSeq, reason, clock.instant(), json));
    }
    if (receiver.finish().test(this)) {
      finished = true;
      close();
    } else {
      // Another source continues the session already.
      advance(new DeliveryCursors.Cursor(cursor.nextSeq(), false));
      start();
    }
  }

  private void deliver(WebhookMessage message) throws InterruptedException {
    WebhookSender sender = receiver.sender();
    if (!sender.endpoint().wants(message.event())) {
      return;
    }
    Optional<String> givenUp = sender.deliver(message);
    givenUp.ifPresent(
        reason ->
            receiver
                .deadLetters()
                .add(
                    new DeadLetters.Letter(
                        message.id(),
                        sender.endpoint().name(),
                        message.event().wireName(),
                        sessionId.value(),
                        message.seq(),
                        reason,
                        clock.instant())));
  }

  private void advance(DeliveryCursors.Cursor next) {
    cursor = next;
    receiver.cursors().advance(sessionId, next);
  }

  /**
   * Delivers what the store has and the end, of a session whose source is gone without one: its
   * process was killed. Does nothing while the reader delivers.
   */
  void completeFromStore() throws InterruptedException {
    if (!delivering.tryLock()) {
      return;
    }
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
    LOG.warn(
        "The webhook {} cannot read session {}", receiver.sender().endpoint(), sessionId, failure);
  }

  void close() {
    Sessions.Subscription begun = subscription;
    if (begun != null) {
      begun.close();
    }
  }
}
