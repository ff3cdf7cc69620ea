package org.linescribe.session;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A session as it is kept.
 *
 * @param kind the door of its newest source
 * @param startedAt zero of the session's timeline: when its first source opened
 * @param endedAt when its newest source ended, empty while one is open
 * @param endReason the door's word for it
 * @param lastSeq number of its newest segment, 0 when it has none
 */
public record SessionRecord(
    SessionId sessionId,
    String kind,
    List<String> legs,
    Instant startedAt,
    Optional<Instant> endedAt,
    Optional<String> endReason,
    long lastSeq,
    Map<String, String> attributes) {
  public SessionRecord {
    legs = List.copyOf(legs);
    attributes = Map.copyOf(attributes);
  }
}
