package org.linescribe.session.calls;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.linescribe.session.SessionId;

/**
 * What is kept of a call that had a session, for accounting and for looking into complaints.
 *
 * @param announcement when the caller was told something before its transcript, empty where it was
 *     not
 * @param outcome why it ended: "bye", "rtp-timeout" …
 * @param legs their media at the end
 */
public record CallRecord(
    SessionId sessionId,
    String callId,
    String kind,
    Optional<String> trunk,
    String from,
    String to,
    String transport,
    Instant startedAt,
    Optional<Instant> answeredAt,
    Optional<AnnouncementTimes> announcement,
    Instant endedAt,
    String outcome,
    List<LegQuality> legs) {
  public CallRecord {
    startedAt = startedAt.truncatedTo(ChronoUnit.MICROS);
    answeredAt = answeredAt.map(at -> at.truncatedTo(ChronoUnit.MICROS));
    endedAt = endedAt.truncatedTo(ChronoUnit.MICROS);
    legs = List.copyOf(legs);
  }

  /** A call that ended now. */
  public static CallRecord of(OpenCall call, Instant endedAt, String outcome) {
    return new CallRecord(
        call.sessionId(),
        call.callId(),
        call.kind(),
        call.trunk(),
        call.from(),
        call.to(),
        call.transport(),
        call.startedAt(),
        call.answeredAt(),
        call.announcement(),
        endedAt,
        outcome,
        call.legs());
  }
}
