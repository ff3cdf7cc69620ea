package org.linescribe.api.webhooks;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.Sessions;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes a dead letter's message again from what the store holds now, so that a replay never tells
 * of a session that was deleted.
 *
 * <p>Thread: any.
 */
record ReplayedLetters(Sessions sessions, JsonMapper json, Clock clock) {
  /** Empty where what it told of is gone. Blocks. */
  Optional<WebhookMessage> message(DeadLetters.Letter letter) {
    SessionId id = new SessionId(letter.sessionId());
    Optional<WebhookEvent> event = WebhookEvent.of(letter.type());
    if (letter.data() != null && event.isPresent()) {
      return sessions
          .find(id)
          .map(
              _ ->
                  WebhookMessage.again(
                      letter,
                      new EventSpool.Spooled(
                          event.get(), id, letter.seq(), letter.at(), letter.data()),
                      json));
    }
    if (letter.type().equals(WebhookEvent.SEGMENT_FINAL.wireName())) {
      List<Segment> found = sessions.segments(id, letter.seq(), 1);
      return found.stream()
          .filter(segment -> segment.seq() == letter.seq())
          .findFirst()
          .map(segment -> WebhookMessage.segment(segment, json));
    }
    Optional<SessionRecord> session = sessions.find(id);
    return letter.type().equals(WebhookEvent.SESSION_STARTED.wireName())
        ? session.map(record -> WebhookMessage.started(record, letter.seq(), json))
        : session.map(
            record ->
                WebhookMessage.ended(
                    record,
                    letter.seq(),
                    record.endReason().orElse("ended"),
                    clock.instant(),
                    json));
  }
}
