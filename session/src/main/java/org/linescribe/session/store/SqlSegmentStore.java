package org.linescribe.session.store;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.WordQuery;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.erasure.ErasureOrder;
import org.linescribe.session.erasure.ErasureOrders;
import org.linescribe.session.json.StoredJson;
import org.linescribe.session.keys.StoredKeys;

/**
 * The store on H2, MySQL or MariaDB.
 *
 * <p>A server need not be up when this is made: the schema is laid at the first call that reaches
 * it. Thread: any; blocks.
 */
public final class SqlSegmentStore implements SegmentStore {
  private static final int MAX_CALL_ID_CHARACTERS = 255;
  private static final String SESSIONS =
      "SELECT s.session_id, s.kind, s.owner, s.legs, s.attributes, s.started_at, s.ended_at,"
          + " s.end_reason, (SELECT COALESCE(MAX(g.seq), 0) FROM segments g WHERE g.session_id ="
          + " s.session_id) AS last_seq FROM sessions s ";
  private static final String NEWEST_FIRST =
      " ORDER BY s.started_at DESC, s.session_id DESC LIMIT ";

  private final SqlDatabase database;
  private final SqlCallRecords calls;
  private final SqlStoredKeys keys;
  private final SqlErasureOrders erasures;
  private final SqlWordIndex words;
  private final SqlSessionDeletion deletion;

  private SqlSegmentStore(SqlDatabase database) {
    this.database = database;
    this.calls = new SqlCallRecords(database);
    this.keys = new SqlStoredKeys(database);
    this.erasures = new SqlErasureOrders(database);
    this.words = new SqlWordIndex(database);
    this.deletion = new SqlSessionDeletion(database, words);
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
      case StoreWrite.Opened opened -> open(opened);
      case StoreWrite.Ended ended ->
          // changed_at stays that of the opening: a successor may have opened before this end.
          database.update(
              "UPDATE sessions SET ended_at = ?, end_reason = ?"
                  + " WHERE session_id = ? AND changed_at <= ?",
              utc(ended.at()),
              ended.reason(),
              ended.sessionId().value(),
              utc(ended.openedAt()));
      case StoreWrite.Appended appended -> append(appended.segment());
      case StoreWrite.CallEnded ended -> {
        if (!isErased(ended.call())) {
          calls.keep(ended.call());
        }
      }
    }
  }

  private void open(StoreWrite.Opened opened) {
    String id = opened.sessionId().value();
    @Nullable String owner = opened.owner().orElse(null);
    String legs = StoredJson.strings(opened.legs());
    String attributes = StoredJson.map(opened.attributes());
    String callId = indexed(opened.attributes().get(SessionRecord.CALL_ID));
    LocalDateTime at = utc(opened.at());
    int updated =
        database.update(
            "UPDATE sessions SET kind = ?, owner = COALESCE(owner, ?), legs = ?, attributes = ?,"
                + " call_id = ?, ended_at = NULL, end_reason = NULL, changed_at = ? WHERE"
                + " session_id = ? AND (changed_at < ? OR changed_at = ? AND ended_at IS NULL)",
            opened.kind(),
            owner,
            legs,
            attributes,
            callId,
            at,
            id,
            at,
            at);
    if (updated == 0) {
      database.update(
          "INSERT IGNORE INTO sessions (session_id, kind, owner, legs, attributes, call_id,"
              + " started_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          id,
          opened.kind(),
          owner,
          legs,
          attributes,
          callId,
          utc(opened.startedAt()),
          at);
    }
  }

  private void append(Segment segment) throws SegmentConflictException {
    Optional<SqlWordIndex.Statement> itsWords = words.insertion(segment);
    boolean inserted =
        database.insertBoth(
            itsWords,
            "INSERT INTO segments (session_id, seq, leg, text, start_ms, end_ms, tokens, model,"
                + " created_at, participant, language) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            segment.sessionId().value(),
            segment.seq(),
            segment.leg(),
            segment.text(),
            segment.startMs(),
            segment.endMs(),
            StoredJson.tokens(segment.tokens()),
            segment.model(),
            utc(segment.createdAt()),
            segment.participant().map(StoredJson::participant).orElse(null),
            segment.language().orElse(null));
    if (!inserted
        && segments(segment.sessionId(), segment.seq(), 1).stream()
            .noneMatch(kept -> sameContent(kept, segment))) {
      throw new SegmentConflictException(segment.sessionId(), segment.seq());
    }
  }

  /** Token times follow from the rest; the creation time distinguishes two writers' equal texts. */
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
    return database
        .query(
            "SELECT COALESCE(MAX(seq), 0) FROM segments WHERE session_id = ?",
            row -> row.getLong(1),
            sessionId.value())
        .getFirst();
  }

  @Override
  public Optional<Instant> lastOpening(SessionId sessionId) {
    return database
        .query(
            "SELECT changed_at FROM sessions WHERE session_id = ?",
            row -> instant(row, "changed_at"),
            sessionId.value())
        .stream()
        .findFirst()
        .flatMap(at -> at);
  }

  @Override
  public List<Segment> segments(SessionId sessionId, long fromSeq, int limit) {
    return database.query(
        "SELECT seq, leg, text, start_ms, end_ms, tokens, model, created_at, participant, language"
            + " FROM segments"
            + " WHERE session_id = ? AND seq >= ? ORDER BY seq LIMIT "
            + checked(limit),
        row -> segment(sessionId, row),
        sessionId.value(),
        fromSeq);
  }

  static Segment segment(SessionId sessionId, ResultSet row) throws SQLException {
    return new Segment(
        sessionId,
        row.getLong("seq"),
        row.getString("leg"),
        row.getString("text"),
        row.getLong("start_ms"),
        row.getLong("end_ms"),
        StoredJson.tokens(row.getString("tokens")),
        row.getString("model"),
        instant(row, "created_at").orElseThrow(),
        Optional.ofNullable(row.getString("participant")).map(StoredJson::participant),
        Optional.ofNullable(row.getString("language")));
  }

  @Override
  public WordQuery.Page find(WordQuery query) {
    return words.find(query);
  }

  @Override
  public Optional<SessionRecord> find(SessionId sessionId) {
    return database
        .query(SESSIONS + "WHERE s.session_id = ?", SqlSegmentStore::session, sessionId.value())
        .stream()
        .findFirst();
  }

  @Override
  public List<SessionRecord> list(SessionQuery query) {
    SqlConditions all = new SqlConditions();
    query
        .before()
        .ifPresent(
            before ->
                all.add(
                    "JOIN sessions b ON b.session_id = ? AND (s.started_at < b.started_at"
                        + " OR (s.started_at = b.started_at AND s.session_id < b.session_id)) ",
                    before.value()));
    all.add("WHERE 1 = 1");
    query.owner().ifPresent(owner -> all.add(" AND s.owner = ?", owner));
    query
        .callId()
        .ifPresent(callId -> all.add(" AND s.call_id = ?", String.valueOf(indexed(callId))));
    query.from().ifPresent(from -> all.add(" AND s.started_at >= ?", utc(from)));
    query.until().ifPresent(until -> all.add(" AND s.started_at < ?", utc(until)));
    // The column of the Call-ID may hold its beginning only.
    return database
        .query(
            SESSIONS + all + NEWEST_FIRST + query.limit(),
            SqlSegmentStore::session,
            all.parameters())
        .stream()
        .filter(query::matches)
        .toList();
  }

  private static @Nullable String indexed(@Nullable String callId) {
    return callId == null || callId.length() <= MAX_CALL_ID_CHARACTERS
        ? callId
        : callId.substring(0, MAX_CALL_ID_CHARACTERS);
  }

  @Override
  public List<CallRecord> calls(Optional<Instant> startedBefore, int limit) {
    return calls.list(startedBefore, checked(limit));
  }

  @Override
  public Optional<CallRecord> newestCall(SessionId sessionId) {
    return calls.newest(sessionId);
  }

  @Override
  public boolean keepInsights(SessionId sessionId, String json) {
    return database.update(
            "UPDATE sessions SET insights = ? WHERE session_id = ?", json, sessionId.value())
        > 0;
  }

  @Override
  public Optional<String> insights(SessionId sessionId) {
    return database
        .query(
            "SELECT insights FROM sessions WHERE session_id = ? AND insights IS NOT NULL",
            row -> row.getString("insights"),
            sessionId.value())
        .stream()
        .findFirst();
  }

  @Override
  public StoredKeys keys() {
    return keys;
  }

  @Override
  public int deleteEndedBefore(Instant end, String ownerPrefix, int limit) {
    if (ownerPrefix.isEmpty()) {
      calls.deleteEndedBefore(end, checked(limit));
    }
    return deletion.endedBefore(end, ownerPrefix, checked(limit));
  }

  @Override
  public OptionalLong erase(SessionId sessionId, boolean unended, Instant now) {
    return deletion.erase(sessionId.value(), unended, now);
  }

  @Override
  public Optional<Instant> erasedAt(SessionId sessionId) {
    return erasures.newestOrder(sessionId).map(ErasureOrder::at);
  }

  @Override
  public void eraseRest(SessionId sessionId, Instant erasedAt) {
    deletion.eraseRest(sessionId.value(), erasedAt);
  }

  @Override
  public ErasureOrders erasures() {
    return erasures;
  }

  private static SessionRecord session(ResultSet row) throws SQLException {
    return new SessionRecord(
        new SessionId(row.getString("session_id")),
        row.getString("kind"),
        Optional.ofNullable(row.getString("owner")),
        StoredJson.strings(row.getString("legs")),
        instant(row, "started_at").orElseThrow(),
        instant(row, "ended_at"),
        Optional.ofNullable(row.getString("end_reason")),
        row.getLong("last_seq"),
        StoredJson.map(row.getString("attributes")));
  }

  @Override
  public boolean isReachable() {
    return database.isReachable();
  }

  /** The server's time of day; of MySQL and MariaDB only. Blocks. */
  public Instant serverTime() {
    return database
        .query(
            "SELECT UNIX_TIMESTAMP(NOW(3)) * 1000 AS ms",
            row -> Instant.ofEpochMilli(row.getLong("ms")))
        .getFirst();
  }

  @Override
  public void close() {
    database.close();
  }

  private static int checked(int limit) {
    if (limit < 1 || limit > 1000) {
      throw new IllegalArgumentException("limit: " + limit + " (expected: 1..1000)");
    }
    return limit;
  }

  static LocalDateTime utc(Instant instant) {
    return LocalDateTime.ofInstant(
        instant.truncatedTo(java.time.temporal.ChronoUnit.MICROS), ZoneOffset.UTC);
  }

  static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, LocalDateTime.class))
        .map(time -> time.toInstant(ZoneOffset.UTC));
  }
}
