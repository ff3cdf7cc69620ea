package org.linescribe.session;

import java.time.Instant;
import java.util.Optional;

/**
 * Which sessions a list shows, newest first.
 *
 * @param owner only sessions of this owner; empty for everybody's
 * @param callId only sessions of the calls with this SIP Call-ID
 * @param from only sessions that started at this instant or later
 * @param until only sessions that started before this instant
 * @param before the last id of the page before, empty for the first page
 * @param limit 1 to 1000
 */
public record SessionQuery(
    Optional<String> owner,
    Optional<String> callId,
    Optional<Instant> from,
    Optional<Instant> until,
    Optional<SessionId> before,
    int limit) {
  private static final int MAX_LIMIT = 1000;

  public SessionQuery {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit: " + limit + " (expected: 1..1000)");
    }
  }

  /** Of any time. */
  public SessionQuery(
      Optional<String> owner, Optional<String> callId, Optional<SessionId> before, int limit) {
    this(owner, callId, Optional.empty(), Optional.empty(), before, limit);
  }

  /** Everybody's sessions. */
  public static SessionQuery all(Optional<SessionId> before, int limit) {
    return new SessionQuery(Optional.empty(), Optional.empty(), before, limit);
  }

  public SessionQuery from(Optional<SessionId> cursor) {
    return new SessionQuery(owner, callId, from, until, cursor, limit);
  }

  /** Whether a session belongs on one of the pages. */
  public boolean matches(SessionRecord session) {
    Instant started = session.startedAt();
    return from.filter(started::isBefore).isEmpty()
        && until.filter(end -> !started.isBefore(end)).isEmpty()
        && (owner.isEmpty() || owner.equals(session.owner()))
        && (callId.isEmpty()
            || callId.get().equals(session.attributes().get(SessionRecord.CALL_ID)));
  }
}
