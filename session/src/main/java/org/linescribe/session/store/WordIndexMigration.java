package org.linescribe.session.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;
import org.linescribe.session.SessionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * V9: the table of words, with those of the segments that are there. May be interrupted: what is in
 * the table already is left as it is.
 */
final class WordIndexMigration implements JavaMigration {
  private static final Logger LOG = LoggerFactory.getLogger(WordIndexMigration.class);
  private static final int PAGE = 500;

  /** A segment to be read. */
  private record Row(String sessionId, long seq, String text, long age) {}

  @Override
  public MigrationVersion getVersion() {
    return MigrationVersion.fromVersion("9");
  }

  @Override
  public String getDescription() {
    return "word index";
  }

  @Override
  public Integer getChecksum() {
    return 1;
  }

  @Override
  public boolean canExecuteInTransaction() {
    return false;
  }

  @Override
  public void migrate(Context context) throws SQLException {
    Connection connection = context.getConnection();
    try (PreparedStatement table =
        connection.prepareStatement(
            "CREATE TABLE IF NOT EXISTS segment_words (word VARCHAR("
                + Words.MAX_CHARACTERS
                + ") NOT NULL, age BIGINT NOT NULL, session_id VARCHAR(128) NOT NULL, seq"
                + " BIGINT NOT NULL, PRIMARY KEY (word, age, session_id, seq), KEY"
                + " segment_words_by_session (session_id)) ENGINE=InnoDB DEFAULT"
                + " CHARSET=utf8mb4 COLLATE=utf8mb4_bin")) {
      table.execute();
      // A commit for each segment would wait for the disk as often.
      connection.setAutoCommit(false);
      long read = 0;
      List<Row> page = page(connection, "", 0);
      while (!page.isEmpty()) {
        for (Row row : page) {
          add(connection, row);
        }
        connection.commit();
        read += page.size();
        page = page(connection, page.getLast().sessionId(), page.getLast().seq());
      }
      if (read > 0) {
        LOG.info("The words of {} segments can be searched now", read);
      }
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private static List<Row> page(Connection connection, String sessionId, long seq)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT g.session_id, g.seq, g.text, s.started_at FROM segments g JOIN sessions s ON"
                + " s.session_id = g.session_id WHERE g.session_id > ? OR (g.session_id = ? AND"
                + " g.seq > ?) ORDER BY g.session_id, g.seq LIMIT "
                + PAGE)) {
      select.setString(1, sessionId);
      select.setString(2, sessionId);
      select.setLong(3, seq);
      List<Row> rows = new ArrayList<>();
      try (ResultSet found = select.executeQuery()) {
        while (found.next()) {
          rows.add(
              new Row(
                  found.getString(1),
                  found.getLong(2),
                  found.getString(3),
                  SqlWordIndex.age(
                      found.getObject(4, LocalDateTime.class).toInstant(ZoneOffset.UTC))));
        }
      }
      return rows;
    }
  }

  private static void add(Connection connection, Row row) throws SQLException {
    List<String> words = Words.of(row.text());
    if (words.isEmpty()) {
      return;
    }
    SqlWordIndex.Statement insertion =
        SqlWordIndex.insertion(words, row.age(), new SessionId(row.sessionId()), row.seq());
    try (PreparedStatement insert = connection.prepareStatement(insertion.sql())) {
      for (int i = 0; i < insertion.parameters().size(); i++) {
        insert.setObject(i + 1, insertion.parameters().get(i));
      }
      insert.executeUpdate();
    }
  }
}
