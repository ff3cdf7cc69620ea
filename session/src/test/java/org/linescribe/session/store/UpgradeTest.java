package org.linescribe.session.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.WordQuery;

/** Databases that older versions left, with what they could write, read and written by this one. */
class UpgradeTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"1", "2", "4", "5", "6", "7", "8"})
  void dataOfAnOlderSchemaIsReadAndGoesOn(String version) throws Exception {
    Flyway.configure(SqlDatabase.class.getClassLoader())
        .dataSource(url(), "", "")
        .locations("classpath:org/linescribe/session/store/migrations")
        .table("linescribe_schema")
        .baselineOnMigrate(true)
        .baselineVersion("0")
        .target(version)
        .load()
        .migrate();
    try (Connection connection = DriverManager.getConnection(url());
        Statement statement = connection.createStatement()) {
      // The columns of the first version.
      statement.execute(
          "INSERT INTO sessions (session_id, kind, legs, attributes, started_at, changed_at)"
              + " VALUES ('old-1', 'sip', '[\"caller\"]', '{\"call_id\":\"abc@pbx\"}',"
              + " '2026-01-20 10:30:00.123456', '2026-01-20 10:30:00.123456')");
      statement.execute(
          "INSERT INTO segments (session_id, seq, leg, text, start_ms, end_ms, tokens, model,"
              + " created_at) VALUES ('old-1', 1, 'caller', 'Grüße 😀', 320, 2410, '[]',"
              + " 'telephony-digits-en', '2026-01-20 10:30:03.25')");
    }

    SessionId id = new SessionId("old-1");
    try (SqlSegmentStore store = SqlSegmentStore.embedded(folder)) {
      List<Segment> segments = store.segments(id, 1, 10);
      assertThat(segments).hasSize(1);
      assertThat(segments.getFirst().text()).isEqualTo("Grüße 😀");
      assertThat(segments.getFirst().createdAt())
          .isEqualTo(Instant.parse("2026-01-20T10:30:03.25Z"));
      assertThat(store.find(id).orElseThrow().startedAt())
          .isEqualTo(Instant.parse("2026-01-20T10:30:00.123456Z"));
      assertThat(store.find(id).orElseThrow().attributes()).containsEntry("call_id", "abc@pbx");
      assertThat(store.list(SessionQuery.all(Optional.empty(), 10))).hasSize(1);
      assertThat(store.newestCall(id)).isEqualTo(Optional.empty());

      store.write(
          new StoreWrite.Appended(
              new Segment(id, 2, "caller", "new", 3000, 4000, List.of(), "m", Instant.now())));
      assertThat(store.lastSeq(id)).isEqualTo(2);
      assertThat(store.keepInsights(id, "{}")).isTrue();
    }
  }

  @Test
  void theWordIndexIsMadeAgainWhereAKillLeftItUnnoted() throws Exception {
    SessionId id = new SessionId("old-1");
    Instant at = Instant.parse("2026-01-20T10:30:00Z");
    try (SqlSegmentStore store = SqlSegmentStore.embedded(folder)) {
      store.write(
          new StoreWrite.Opened(id, "sip", Optional.empty(), List.of("caller"), at, at, Map.of()));
      store.write(
          new StoreWrite.Appended(new Segment(id, 1, "caller", "Grüße", 1, 2, List.of(), "m", at)));
    }
    try (Connection connection = DriverManager.getConnection(url());
        Statement statement = connection.createStatement()) {
      // What came after it did not come yet.
      statement.execute(
          "DELETE FROM linescribe_schema WHERE \"version\" IN ('9', '10', '11', '12', '13')");
      statement.execute("DROP TABLE nodes, erasures, erasure_nodes");
      statement.execute("ALTER TABLE call_records DROP COLUMN announced_from, announced_to");
      statement.execute("ALTER TABLE sessions DROP COLUMN insights");
      statement.execute("DELETE FROM segment_words");
    }

    try (SqlSegmentStore store = SqlSegmentStore.embedded(folder)) {
      assertThat(
              store
                  .find(
                      new WordQuery(
                          Optional.empty(),
                          List.of("Grüße"),
                          Optional.empty(),
                          Optional.empty(),
                          Optional.empty(),
                          10))
                  .segments())
          .hasSize(1);
    }
  }

  private String url() {
    return "jdbc:h2:"
        + folder.resolve("linescribe").toAbsolutePath()
        + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE";
  }
}
