package org.linescribe.session.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.wire.TranscriptJson;

/**
 * The store on H2, MySQL or MariaDB.
 *
 * <p>A server need not be up when this is made: the schema is laid at the first call that reaches
 * it. Thread: any; blocks.
 */
public final class SqlSegmentStore implements SegmentStore {
  private static final int MYSQL_DUPLICATE_KEY = 1062;
  private static final String H2_DUPLICATE_KEY = "23505";
  private static final String SESSION_COLUMNS =
      "s.session_id, s.kind, s.legs, s.attributes, s.started_at, s.ended_at, s.end_reason,"
          + " (SELECT COALESCE(MAX(g.seq), 0) FROM segments g WHERE g.session_id = s.session_id)"
          + " AS last_seq";

  private final SqlDatabase database;

  private SqlSegmentStore(SqlDatabase database) {
    this.database = database;
  }

  /**
   * The store on a server, which may be down now.
   *
   * @throws IllegalStateException when the server answers and its schema cannot be laid
   */
  public static SqlSegmentStore connect(SqlStoreSettings settings) {
    return new SqlSegmentStore(SqlDatabase.connect(settings));
  }

  /**
   * The embedded store in a directory, made when it is missing.
   *
   * @throws IllegalStateException when another process uses the directory, or it cannot be written
   */
  public static SqlSegmentStore embedded(Path directory) {
    return new SqlSegmentStore(SqlDatabase.embedded(directory));
  }

  @Override
  public void write(StoreWrite write) throws SegmentConflictException {
    switch (write) {
      case StoreWrite.Opened opened -> database.run(connection -> opened(connection, opened));
      case StoreWrite.Ended ended -> database.run(connection -> ended(connection, ended));
      case StoreWrite.Appended appended -> append(appended.segment());
    }
  }

  private static boolean opened(Connection connection, StoreWrite.Opened opened)
      throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE sessions SET kind = ?, legs = ?, attributes = ?, ended_at = NULL,"
                + " end_reason = NULL, changed_at = ? WHERE session_id = ? AND changed_at <= ?")) {
      update.setString(1, opened.kind());
      update.setString(2, TranscriptJson.strings(opened.legs()));
      update.setString(3, TranscriptJson.map(opened.attributes()));
      update.setObject(4, utc(opened.at()));
      update.setString(5, opened.sessionId().value());
      update.setObject(6, utc(opened.at()));
      if (update.executeUpdate() > 0) {
        return true;
      }
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT IGNORE INTO sessions (session_id, kind, legs, attributes, started_at,"
                + " changed_at) VALUES (?, ?, ?, ?, ?, ?)")) {
      insert.setString(1, opened.sessionId().value());
      insert.setString(2, opened.kind());
      insert.setString(3, TranscriptJson.strings(opened.legs()));
      insert.setString(4, TranscriptJson.map(opened.attributes()));
      insert.setObject(5, utc(opened.startedAt()));
      insert.setObject(6, utc(opened.at()));
      return insert.executeUpdate() > 0;
    }
  }

  private static boolean ended(Connection connection, StoreWrite.Ended ended) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE sessions SET ended_at = ?, end_reason = ?, changed_at = ?"
                + " WHERE session_id = ? AND changed_at <= ?")) {
      update.setObject(1, utc(ended.at()));
      update.setString(2, ended.reason());
      update.setObject(3, utc(ended.at()));
      update.setString(4, ended.sessionId().value());
      update.setObject(5, utc(ended.at()));
      return update.executeUpdate() > 0;
    }
  }

  private void append(Segment segment) throws SegmentConflictException {
    boolean inserted =
        database.run(
            connection -> {
              try (PreparedStatement insert =
                  connection.prepareStatement(
                      "INSERT INTO segments (session_id, seq, leg, text, start_ms, end_ms, tokens,"
                          + " model, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
                insert.setString(1, segment.sessionId().value());
                insert.setLong(2, segment.seq());
                insert.setString(3, segment.leg());
                insert.setString(4, segment.text());
                insert.setLong(5, segment.startMs());
                insert.setLong(6, segment.endMs());
                insert.setString(7, TranscriptJson.tokens(segment.tokens()));
                insert.setString(8, segment.model());
                insert.setObject(9, utc(segment.createdAt()));
                insert.executeUpdate();
                return true;
              } catch (SQLException refused) {
                if (isDuplicate(refused)) {
                  return false;
                }
                throw refused;
              }
            });
    if (!inserted
        && segments(segment.sessionId(), segment.seq(), 1).stream()
            .noneMatch(kept -> sameContent(kept, segment))) {
      throw new SegmentConflictException(segment.sessionId(), segment.seq());
    }
  }

  private static boolean isDuplicate(SQLException refused) {
    return H2_DUPLICATE_KEY.equals(refused.getSQLState())
        || refused.getErrorCode() == MYSQL_DUPLICATE_KEY;
  }

  /** Token times follow from the rest; the creation time tells two writers' equal texts apart. */
  private static boolean sameContent(Segment kept, Segment offered) {
    return kept.seq() == offered.seq()
        && kept.leg().equals(offered.leg())
        && kept.text().equals(offered.text())
        && kept.startMs() == offered.startMs()
        && kept.endMs() == offered.endMs()
        && utc(kept.createdAt()).equals(utc(offered.createdAt()));
  }

  @Override
  public long lastSeq(SessionId sessionId) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT COALESCE(MAX(seq), 0) FROM segments WHERE session_id = ?")) {
            select.setString(1, sessionId.value());
            try (ResultSet rows = select.executeQuery()) {
              rows.next();
              return rows.getLong(1);
            }
          }
        });
  }

  @Override
  public List<Segment> segments(SessionId sessionId, long fromSeq, int limit) {
    checkLimit(limit);
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT seq, leg, text, start_ms, end_ms, tokens, model, created_at FROM segments"
                      + " WHERE session_id = ? AND seq >= ? ORDER BY seq LIMIT "
                      + limit)) {
            select.setString(1, sessionId.value());
            select.setLong(2, fromSeq);
            List<Segment> segments = new ArrayList<>();
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                segments.add(
                    new Segment(
                        sessionId,
                        rows.getLong("seq"),
                        rows.getString("leg"),
                        rows.getString("text"),
                        rows.getLong("start_ms"),
                        rows.getLong("end_ms"),
                        TranscriptJson.tokens(rows.getString("tokens")),
                        rows.getString("model"),
                        instant(rows, "created_at").orElseThrow()));
              }
            }
            return segments;
          }
        });
  }

  @Override
  public Optional<SessionRecord> find(SessionId sessionId) {
    return database.run(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT " + SESSION_COLUMNS + " FROM sessions s WHERE s.session_id = ?")) {
            select.setString(1, sessionId.value());
            return sessions(select).stream().findFirst();
          }
        });
  }

  @Override
  public List<SessionRecord> list(Optional<SessionId> before, int limit) {
    checkLimit(limit);
    return database.run(
        connection -> {
          String page =
              before.isEmpty()
                  ? ""
                  : " JOIN sessions b ON b.session_id = ? AND (s.started_at < b.started_at"
                      + " OR (s.started_at = b.started_at AND s.session_id < b.session_id))";
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT "
                      + SESSION_COLUMNS
                      + " FROM sessions s"
                      + page
                      + " ORDER BY s.started_at DESC, s.session_id DESC LIMIT "
                      + limit)) {
            if (before.isPresent()) {
              select.setString(1, before.get().value());
            }
            return sessions(select);
          }
        });
  }

  private static List<SessionRecord> sessions(PreparedStatement select) throws SQLException {
    List<SessionRecord> records = new ArrayList<>();
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        records.add(
            new SessionRecord(
                new SessionId(rows.getString("session_id")),
                rows.getString("kind"),
                TranscriptJson.strings(rows.getString("legs")),
                instant(rows, "started_at").orElseThrow(),
                instant(rows, "ended_at"),
                Optional.ofNullable(rows.getString("end_reason")),
                rows.getLong("last_seq"),
                TranscriptJson.map(rows.getString("attributes"))));
      }
    }
    return records;
  }

  @Override
  public boolean isReachable() {
    try {
      return database.run(connection -> connection.isValid(1));
    } catch (RuntimeException down) {
      return false;
    }
  }

  @Override
  public void close() {
    database.close();
  }

  private static void checkLimit(int limit) {
    if (limit < 1 || limit > 1000) {
      throw new IllegalArgumentException("limit: " + limit + " (expected: 1..1000)");
    }
  }

  private static LocalDateTime utc(Instant instant) {
    return LocalDateTime.ofInstant(
        instant.truncatedTo(java.time.temporal.ChronoUnit.MICROS), ZoneOffset.UTC);
  }

  private static Optional<Instant> instant(ResultSet rows, String column) throws SQLException {
    return Optional.ofNullable(rows.getObject(column, LocalDateTime.class))
        .map(time -> time.toInstant(ZoneOffset.UTC));
  }
}
