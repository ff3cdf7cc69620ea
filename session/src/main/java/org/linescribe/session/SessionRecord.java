package org.linescribe.session;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A session as it is kept.
 *
 * @param kind of its newest source
 * @param owner who opened it first: the name of an API key or a trunk, or a {@link SessionOwner};
 *     empty where nobody was identified
 * @param startedAt zero of the session's timeline: when its first source opened
 * @param endedAt when its newest source ended, empty while one is open
 * @param endReason as the source gave it
 * @param lastSeq number of its newest segment, 0 when it has none
 */
public record SessionRecord(
    SessionId sessionId,
    String kind,
    Optional<String> owner,
    List<String> legs,
    Instant startedAt,
    Optional<Instant> endedAt,
    Optional<String> endReason,
    long lastSeq,
    Map<String, String> attributes) {
  /** The attribute by which the sessions of a call are found: its SIP Call-ID. */
  public static final String CALL_ID = "call_id";

  public SessionRecord {
    legs = List.copyOf(legs);
    attributes = Map.copyOf(attributes);
  }

  public SessionRecord ended(Instant at, String reason) {
    return new SessionRecord(
        sessionId,
        kind,
        owner,
        legs,
        startedAt,
        Optional.of(at),
        Optional.of(reason),
        lastSeq,
        attributes);
  }

  public SessionRecord withLastSeq(long seq) {
    return new SessionRecord(
        sessionId, kind, owner, legs, startedAt, endedAt, endReason, seq, attributes);
  }
}
