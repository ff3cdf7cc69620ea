package org.linescribe.session.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.AnnouncementTimes;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.json.CallRecordJson;

/** The table of call records. Thread: any; blocks. */
record SqlCallRecords(SqlDatabase database) {
  private static final int MAX_CALL_ID_CHARACTERS = 255;
  private static final int MAX_URI_CHARACTERS = 512;
  private static final String SELECT =
      "SELECT session_id, started_at, call_id, kind, trunk, caller, callee, transport, answered_at,"
          + " announced_from, announced_to, ended_at, outcome, legs FROM call_records ";
  private static final String NEWEST_FIRST = "ORDER BY started_at DESC, session_id DESC LIMIT ";

  void keep(CallRecord call) {
    database.update(
        "INSERT IGNORE INTO call_records (session_id, started_at, call_id, kind, trunk, caller,"
            + " callee, transport, answered_at, announced_from, announced_to, ended_at, outcome,"
            + " legs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        call.sessionId().value(),
        SqlSegmentStore.utc(call.startedAt()),
        cut(call.callId(), MAX_CALL_ID_CHARACTERS),
        call.kind(),
        call.trunk().orElse(null),
        cut(call.from(), MAX_URI_CHARACTERS),
        cut(call.to(), MAX_URI_CHARACTERS),
        call.transport(),
        call.answeredAt().map(SqlSegmentStore::utc).orElse(null),
        call.announcement().map(times -> SqlSegmentStore.utc(times.startedAt())).orElse(null),
        call.announcement()
            .flatMap(AnnouncementTimes::endedAt)
            .map(SqlSegmentStore::utc)
            .orElse(null),
        SqlSegmentStore.utc(call.endedAt()),
        call.outcome(),
        CallRecordJson.legs(call.legs()));
  }

  private static String cut(String text, int max) {
    return text.length() <= max ? text : text.substring(0, max);
  }

  List<CallRecord> list(Optional<Instant> startedBefore, int limit) {
    return startedBefore.isEmpty()
        ? database.query(SELECT + NEWEST_FIRST + limit, SqlCallRecords::read)
        : database.query(
            SELECT + "WHERE started_at < ? " + NEWEST_FIRST + limit,
            SqlCallRecords::read,
            SqlSegmentStore.utc(startedBefore.get()));
  }

  Optional<CallRecord> newest(SessionId sessionId) {
    return database
        .query(
            SELECT + "WHERE session_id = ? " + NEWEST_FIRST + "1",
            SqlCallRecords::read,
            sessionId.value())
        .stream()
        .findFirst();
  }

  /** Those whose session is not there to be deleted, too. */
  void deleteEndedBefore(Instant end, int limit) {
    database.update(
        "DELETE FROM call_records WHERE ended_at < ? LIMIT " + limit, SqlSegmentStore.utc(end));
  }

  private static Optional<AnnouncementTimes> announcement(ResultSet row) throws SQLException {
    Optional<Instant> endedAt = SqlSegmentStore.instant(row, "announced_to");
    return SqlSegmentStore.instant(row, "announced_from")
        .map(startedAt -> new AnnouncementTimes(startedAt, endedAt));
  }

  private static CallRecord read(ResultSet row) throws SQLException {
    return new CallRecord(
        new SessionId(row.getString("session_id")),
        row.getString("call_id"),
        row.getString("kind"),
        Optional.ofNullable(row.getString("trunk")),
        row.getString("caller"),
        row.getString("callee"),
        row.getString("transport"),
        SqlSegmentStore.instant(row, "started_at").orElseThrow(),
        SqlSegmentStore.instant(row, "answered_at"),
        announcement(row),
        SqlSegmentStore.instant(row, "ended_at").orElseThrow(),
        row.getString("outcome"),
        CallRecordJson.legs(row.getString("legs")));
  }
}
