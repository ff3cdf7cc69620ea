package org.linescribe.session.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.WordQuery;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.keys.StoredKey;
import org.linescribe.testsupport.servers.SharedMariaDb;

/**
 * A server's database of an older version, with what that could write, read and written by this.
 */
class MariaDbUpgradeTest {
  private static final SessionId ID = new SessionId("old-1");
  private final String url = SharedMariaDb.url(SharedMariaDb.port(), SharedMariaDb.newDatabase());

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5, 6, 7, 8})
  void rowsOfAnOlderSchemaAreReadAndGoOn(int version) throws Exception {
    Flyway.configure(SqlDatabase.class.getClassLoader())
        .dataSource(url, "root", "")
        .locations("classpath:org/linescribe/session/store/migrations")
        .table("linescribe_schema")
        .baselineOnMigrate(true)
        .baselineVersion("0")
        .target(String.valueOf(version))
        .load()
        .migrate();
    writeAs(version);

    try (SqlSegmentStore store = SqlSegmentStore.connect(SqlStoreSettings.of(url, "root", ""))) {
      assertThat(store.isReachable()).isTrue();
      assertThat(store.segments(ID, 1, 10))
          .extracting(Segment::text)
          .containsExactly("Grüße 😀", "two");
      assertThat(store.segments(ID, 1, 1).getFirst().createdAt())
          .isEqualTo(Instant.parse("2026-01-20T10:30:03.25Z"));
      assertThat(store.find(ID).orElseThrow().owner())
          .isEqualTo(version < 5 ? Optional.empty() : Optional.of("head-office"));
      assertThat(store.newestCall(ID).map(CallRecord::callId))
          .isEqualTo(version < 6 ? Optional.empty() : Optional.of("abc@pbx"));
      assertThat(store.keys().all())
          .extracting(StoredKey::name)
          .isEqualTo(version < 7 ? List.of() : List.of("crm"));
      Optional<String> anything = Optional.empty();
      assertThat(
              store
                  .find(
                      new WordQuery(
                          anything,
                          List.of("Grüße"),
                          Optional.empty(),
                          Optional.empty(),
                          Optional.empty(),
                          10))
                  .segments())
          .as("words of old rows are indexed")
          .hasSize(1);

      store.write(
          new StoreWrite.Appended(
              new Segment(ID, 3, "caller", "new", 3000, 4000, List.of(), "m", Instant.now())));
      assertThat(store.lastSeq(ID)).isEqualTo(3);
    }
  }

  private void writeAs(int version) throws Exception {
    try (Connection connection = DriverManager.getConnection(url, "root", "");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO sessions (session_id, kind, legs, attributes, started_at, changed_at"
              + (version < 5 ? "" : ", owner")
              + ") VALUES ('old-1', 'sip', '[\"caller\"]', '{\"call_id\":\"abc@pbx\"}',"
              + " '2026-01-20 10:30:00.123456', '2026-01-20 10:30:00.123456'"
              + (version < 5 ? ")" : ", 'head-office')"));
      statement.execute(
          "INSERT INTO segments (session_id, seq, leg, text, start_ms, end_ms, tokens, model,"
              + " created_at) VALUES"
              + " ('old-1', 1, 'caller', 'Grüße 😀', 320, 2410, '[]', 'digits',"
              + " '2026-01-20 10:30:03.25'),"
              + " ('old-1', 2, 'caller', 'two', 2500, 2900, '[]', 'digits',"
              + " '2026-01-20 10:30:04.25')");
      if (version >= 6) {
        statement.execute(
            "INSERT INTO call_records (session_id, started_at, call_id, kind, caller, callee,"
                + " transport, ended_at, outcome, legs) VALUES ('old-1', '2026-01-20 10:30:00',"
                + " 'abc@pbx', 'sip', 'sip:a@b', 'sip:c@d', 'udp', '2026-01-20 10:31:00', 'bye',"
                + " '[]')");
      }
      if (version >= 7) {
        statement.execute(
            "INSERT INTO access_keys VALUES ('crm', '"
                + "0".repeat(64)
                + "', 'crm', '[\"read\"]', '2026-01-20 10:30:00', 'admin')");
      }
    }
  }
}
