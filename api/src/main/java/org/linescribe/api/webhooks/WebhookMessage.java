package org.linescribe.api.webhooks;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.transcript.TranscriptJson;
import org.linescribe.media.resources.Sha256;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import tools.jackson.databind.json.JsonMapper;

/**
 * One event as it is sent: {@code {"type", "timestamp", "data"}}.
 *
 * @param id the same for every repetition, also after a restart: a receiver knows by it what it had
 * @param seq of a final; of a start the number of its first final, of an end the next number
 * @param body JSON
 */
record WebhookMessage(String id, WebhookEvent event, SessionId sessionId, long seq, byte[] body) {
  private static final int ID_BYTES = 18;

  /** The whole message. */
  private record Body(String type, Instant timestamp, Object data) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  private record SessionData(
      String sessionId,
      String kind,
      @Nullable String owner,
      List<String> legs,
      Instant startedAt,
      long seq,
      @Nullable Instant endedAt,
      @Nullable String reason,
      Map<String, String> attributes) {
    static SessionData of(
        SessionRecord session, long nextSeq, @Nullable Instant endedAt, @Nullable String reason) {
      return new SessionData(
          session.sessionId().value(),
          session.kind(),
          session.owner().orElse(null),
          session.legs(),
          session.startedAt(),
          nextSeq,
          endedAt,
          reason,
          session.attributes());
    }
  }

  private record SegmentData(String sessionId, TranscriptJson.SegmentBody segment) {}

  static WebhookMessage started(SessionRecord session, long nextSeq, JsonMapper json) {
    return new WebhookMessage(
        id(WebhookEvent.SESSION_STARTED, session.sessionId(), nextSeq, session.startedAt()),
        WebhookEvent.SESSION_STARTED,
        session.sessionId(),
        nextSeq,
        bytes(
            json,
            WebhookEvent.SESSION_STARTED,
            session.startedAt(),
            SessionData.of(session, nextSeq, null, null)));
  }

  static WebhookMessage segment(Segment segment, JsonMapper json) {
    return new WebhookMessage(
        id(WebhookEvent.SEGMENT_FINAL, segment.sessionId(), segment.seq(), segment.createdAt()),
        WebhookEvent.SEGMENT_FINAL,
        segment.sessionId(),
        segment.seq(),
        bytes(
            json,
            WebhookEvent.SEGMENT_FINAL,
            segment.createdAt(),
            new SegmentData(segment.sessionId().value(), TranscriptJson.segment(segment))));
  }

  /** Of an event that stands in the spool. */
  static WebhookMessage of(EventSpool.Spooled spooled, JsonMapper json) {
    // Two legs may cross a threshold at one time.
    String what = spooled.event().wireName() + "\n" + spooled.data();
    return of(id(what, spooled.sessionId(), spooled.seq(), spooled.at()), spooled, json);
  }

  /** The same, of what was given up; its id is the one that the receiver may know. */
  static WebhookMessage again(
      DeadLetters.Letter letter, EventSpool.Spooled spooled, JsonMapper json) {
    return of(letter.id(), spooled, json);
  }

  private static WebhookMessage of(String id, EventSpool.Spooled spooled, JsonMapper json) {
    return new WebhookMessage(
        id,
        spooled.event(),
        spooled.sessionId(),
        spooled.seq(),
        bytes(json, spooled.event(), spooled.at(), spooled.data()));
  }

  static WebhookMessage ended(
      SessionRecord session, long nextSeq, String reason, Instant now, JsonMapper json) {
    Instant at = session.endedAt().orElse(now);
    return new WebhookMessage(
        id(WebhookEvent.SESSION_ENDED, session.sessionId(), nextSeq, session.startedAt()),
        WebhookEvent.SESSION_ENDED,
        session.sessionId(),
        nextSeq,
        bytes(json, WebhookEvent.SESSION_ENDED, at, SessionData.of(session, nextSeq, at, reason)));
  }

  private static byte[] bytes(JsonMapper json, WebhookEvent event, Instant at, Object data) {
    return json.writeValueAsBytes(new Body(event.wireName(), at, data));
  }

  private static String id(WebhookEvent event, SessionId sessionId, long seq, Instant at) {
    return id(event.wireName(), sessionId, seq, at);
  }

  private static String id(String what, SessionId sessionId, long seq, Instant at) {
    String all =
        what + "\n" + sessionId.value() + "\n" + seq + "\n" + at.truncatedTo(ChronoUnit.MILLIS);
    byte[] hash = Sha256.digest().digest(all.getBytes(StandardCharsets.UTF_8));
    return "msg_"
        + Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, ID_BYTES));
  }
}
