package org.linescribe.session.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.wire.TranscriptJson;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store on H2, MySQL or MariaDB.
 *
 * <p>A server need not be up when this is made: the schema is laid at the first call that reaches
 * it. Thread: any; blocks.
 */
public final class SqlSegmentStore implements SegmentStore {
  private static final Logger LOG = LoggerFactory.getLogger(SqlSegmentStore.class);
  private static final int MYSQL_DUPLICATE_KEY = 1062;
  private static final String H2_DUPLICATE_KEY = "23505";
  private static final int H2_FILE_LOCKED = 90020;
  private static final String SESSION_COLUMNS =
      "s.session_id, s.kind, s.legs, s.attributes, s.started_at, s.ended_at, s.end_reason,"
          + " (SELECT COALESCE(MAX(g.seq), 0) FROM segments g WHERE g.session_id = s.session_id)"
          + " AS last_seq";

  private final HikariDataSource pool;
  private final ReentrantLock migration = new ReentrantLock();
  private volatile boolean migrated;

  private SqlSegmentStore(HikariDataSource pool) {
    this.pool = pool;
  }

  /**
   * The store on a server, which may be down now.
   *
   * @throws IllegalStateException when the server answers and its schema cannot be laid
   */
  public static SqlSegmentStore connect(SqlStoreSettings settings) {
    SqlSegmentStore store = new SqlSegmentStore(new HikariDataSource(pool(settings)));
    try {
      store.migrate();
    } catch (StoreUnavailableException down) {
      LOG.warn("The segment store {} does not answer yet: {}", settings, down.getMessage());
    } catch (RuntimeException broken) {
      store.close();
      throw broken;
    }
    return store;
  }

  /**
   * The embedded store in a directory, made when it is missing.
   *
   * @throws IllegalStateException when another process uses the directory, or it cannot be written
   */
  public static SqlSegmentStore embedded(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (java.io.IOException unwritable) {
      throw new IllegalStateException(
          "data directory " + directory + " cannot be made: " + unwritable, unwritable);
    }
    // async: a FileChannel closes itself, and the database with it, when a thread in it is
    // interrupted; an AsynchronousFileChannel does not. WRITE_DELAY=0: H2 otherwise answers a
    // commit up to half a second before it is on the disk.
    String url =
        "jdbc:h2:async:"
            + directory.toAbsolutePath().resolve("linescribe")
            + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE;WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE";
    if (url.chars().filter(c -> c == ';').count() != 4) {
      throw new IllegalStateException(
          "data directory " + directory + ": its path must not hold a semicolon");
    }
    // The first connection by hand: it opens the files, however long that takes, and says at once
    // why it cannot; the pool would try again until its own time is up.
    try (Connection first = DriverManager.getConnection(url)) {
      first.getMetaData();
      SqlStoreSettings settings =
          new SqlStoreSettings(url, "", "", 10, Duration.ofSeconds(10), Duration.ofSeconds(5));
      SqlSegmentStore store = new SqlSegmentStore(new HikariDataSource(pool(settings)));
      try {
        store.migrate();
        return store;
      } catch (RuntimeException broken) {
        store.close();
        throw broken;
      }
    } catch (SQLException | RuntimeException broken) {
      throw new IllegalStateException(
          "data directory "
              + directory
              + (isLocked(broken)
                  ? " is in use by another process"
                  : " holds no usable database: " + broken.getMessage()),
          broken);
    }
  }

  private static boolean isLocked(@org.jspecify.annotations.Nullable Throwable thrown) {
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      if (at instanceof SQLException sql && sql.getErrorCode() == H2_FILE_LOCKED) {
        return true;
      }
    }
    return false;
  }

  private static HikariConfig pool(SqlStoreSettings settings) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("linescribe-store");
    config.setJdbcUrl(settings.jdbcUrl());
    if (!settings.user().isEmpty()) {
      config.setUsername(settings.user());
      config.setPassword(settings.password());
    }
    config.setMaximumPoolSize(settings.poolSize());
    config.setMinimumIdle(Math.min(2, settings.poolSize()));
    config.setConnectionTimeout(settings.connectTimeout().toMillis());
    config.setValidationTimeout(settings.connectTimeout().toMillis());
    config.setInitializationFailTimeout(-1);
    if (!settings.isEmbedded()) {
      config.addDataSourceProperty("connectTimeout", settings.connectTimeout().toMillis());
      config.addDataSourceProperty("socketTimeout", settings.readTimeout().toMillis());
      config.addDataSourceProperty("tcpKeepAlive", "true");
      config.addDataSourceProperty("characterEncoding", "UTF-8");
    }
    return config;
  }

  private void migrate() {
    if (migrated) {
      return;
    }
    migration.lock();
    try {
      if (migrated) {
        return;
      }
      try (Connection probe = pool.getConnection()) {
        probe.getMetaData();
      } catch (SQLException down) {
        throw unavailable(down);
      }
      Flyway.configure(SqlSegmentStore.class.getClassLoader())
          .dataSource(pool)
          .locations("classpath:org/linescribe/session/store/migrations")
          .table("linescribe_schema")
          .baselineOnMigrate(true)
          .baselineVersion("0")
          .load()
          .migrate();
      migrated = true;
    } catch (FlywayException failed) {
      throw new IllegalStateException("the schema cannot be laid: " + failed.getMessage(), failed);
    } finally {
      migration.unlock();
    }
  }

  @Override
  public void write(StoreWrite write) throws SegmentConflictException {
    switch (write) {
      case StoreWrite.Opened opened -> run(connection -> opened(connection, opened));
      case StoreWrite.Ended ended -> run(connection -> ended(connection, ended));
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
        run(
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
    return run(
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
    return run(
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
    return run(
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
    return run(
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
      return run(connection -> connection.isValid(1));
    } catch (RuntimeException down) {
      return false;
    }
  }

  @Override
  public void close() {
    pool.close();
  }

  private <T> T run(Work<T> work) {
    migrate();
    try (Connection connection = pool.getConnection()) {
      return work.with(connection);
    } catch (SQLException failed) {
      throw unavailable(failed);
    }
  }

  private static StoreUnavailableException unavailable(SQLException cause) {
    return new StoreUnavailableException(
        "the segment store does not answer (SQL state "
            + cause.getSQLState()
            + ", code "
            + cause.getErrorCode()
            + ")",
        cause);
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

  @FunctionalInterface
  private interface Work<T> {
    T with(Connection connection) throws SQLException;
  }
}
