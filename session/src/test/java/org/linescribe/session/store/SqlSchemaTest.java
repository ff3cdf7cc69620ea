package org.linescribe.session.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.flywaydb.core.api.FlywayException;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.store.SqlSchema.Laid;

/** The script of a new embedded database, against the migrations. */
class SqlSchemaTest {
  private static final Path RESOURCES =
      Path.of(
          System.getProperty("linescribe.root"),
          "session/src/main/resources/org/linescribe/session/store");

  @TempDir Path folder;

  /** Run with {@code -Dsettings.write=true} to write both after a new migration. */
  @Test
  void scriptAndHistoryAreThoseOfTheMigrations() throws Exception {
    DataSource migrated = database("migrated");
    SqlSchema.flyway(migrated).load().migrate();
    String script = script(migrated);
    String history = String.join("\n", history(migrated)) + "\n";
    if (Boolean.getBoolean("settings.write")) {
      Files.writeString(RESOURCES.resolve(SqlSchema.EMBEDDED), script);
      Files.writeString(RESOURCES.resolve(SqlSchema.HISTORY), history);
    }

    String how = "write it: mvn -pl session -am test -Dtest=SqlSchemaTest -Dsettings.write=true";
    assertThat(RESOURCES.resolve(SqlSchema.EMBEDDED)).as(how).hasContent(script);
    assertThat(RESOURCES.resolve(SqlSchema.HISTORY)).as(how).hasContent(history);
  }

  @Test
  void newDatabaseIsMadeByTheScriptAndFlywayFindsNothingToDo() throws Exception {
    DataSource fresh = database("fresh");

    assertThat(SqlSchema.lay(fresh, true)).isEqualTo(Laid.MADE);

    SqlSchema.flyway(fresh).load().validate();
    assertThat(SqlSchema.flyway(fresh).load().migrate().migrationsExecuted).isZero();
    assertThat(script(fresh)).isEqualTo(SqlSchema.resource(SqlSchema.EMBEDDED));
    assertThat(SqlSchema.lay(fresh, true)).isEqualTo(Laid.FOUND);
  }

  @Test
  void databaseOfTheMigrationsIsFoundAsItIs() throws Exception {
    DataSource migrated = database("migrated");
    SqlSchema.flyway(migrated).load().migrate();

    assertThat(SqlSchema.lay(migrated, true)).isEqualTo(Laid.FOUND);
    assertThat(SqlSchema.lay(migrated, false)).isEqualTo(Laid.FOUND);
  }

  @Test
  void schemaOfAnEarlierVersionIsMigrated() throws Exception {
    DataSource old = database("old");
    SqlSchema.flyway(old).target("8").load().migrate();

    assertThat(SqlSchema.lay(old, true)).isEqualTo(Laid.MIGRATED);
    assertThat(SqlSchema.lay(old, true)).isEqualTo(Laid.FOUND);
  }

  @Test
  void migrationThatWasInterruptedAfterAStatementIsRunAgain() throws Exception {
    String migration = SqlSchema.resource("migrations/V13__nodes_begin.sql");
    List<String> statements = List.of(migration.strip().split(";\n"));
    for (int done = 0; done < statements.size(); done++) {
      DataSource interrupted = database("interrupted-" + done);
      SqlSchema.flyway(interrupted).target("12").load().migrate();
      for (String statement : statements.subList(0, done)) {
        execute(interrupted, statement);
      }

      assertThat(SqlSchema.lay(interrupted, true)).as("%d", done).isEqualTo(Laid.MIGRATED);
    }
  }

  @Test
  void scriptThatWasInterruptedAnywhereIsRunAgain() throws Exception {
    List<String> statements = List.of(SqlSchema.resource(SqlSchema.EMBEDDED).strip().split(";\n"));
    assertThat(statements).hasSizeGreaterThan(20);
    for (int done = 0; done < statements.size(); done++) {
      DataSource interrupted = database("interrupted-" + done);
      for (String statement : statements.subList(0, done)) {
        execute(interrupted, statement);
      }

      assertThat(SqlSchema.lay(interrupted, true)).as("%d", done).isEqualTo(Laid.MADE);

      SqlSchema.flyway(interrupted).load().validate();
    }
  }

  @Test
  void tablesWithoutAHistoryAreNotDropped() throws Exception {
    DataSource foreign = database("foreign");
    execute(foreign, "CREATE TABLE sessions (kept INT)");
    execute(foreign, "INSERT INTO sessions VALUES (7)");

    // The baseline of what was there; V1 cannot make its table.
    assertThatThrownBy(() -> SqlSchema.lay(foreign, true)).isInstanceOf(FlywayException.class);
    assertThatThrownBy(() -> SqlSchema.lay(foreign, true)).isInstanceOf(FlywayException.class);

    assertThat(rows(foreign, "SELECT kept FROM sessions")).containsExactly("7");
  }

  @Test
  void tablesWithRowsAndAnEmptyHistoryAreNotDropped() throws Exception {
    DataSource old = database("old");
    SqlSchema.flyway(old).target("8").load().migrate();
    execute(old, "DELETE FROM linescribe_schema");
    execute(old, "INSERT INTO segments VALUES ('s', 1, '', 'kept', 0, 1, '', '', NOW(), '', '')");

    for (int start = 0; start < 2; start++) {
      assertThatThrownBy(() -> SqlSchema.lay(old, true))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("table segments has rows")
          .hasMessageContaining("backup");
    }

    assertThat(rows(old, "SELECT text FROM segments")).containsExactly("kept");
  }

  /** It may be another process's too, and its names may be in capitals. */
  @Test
  void databaseByItsAddressIsLaidByTheMigrations() throws Exception {
    String url = "jdbc:h2:" + folder.resolve("capitals").toAbsolutePath() + ";MODE=MySQL";

    SqlDatabase.connect(SqlStoreSettings.of(url, "", "")).close();

    JdbcDataSource laid = new JdbcDataSource();
    laid.setUrl(url);
    assertThat(rows(laid, "SELECT COUNT(*) FROM sessions")).containsExactly("0");
  }

  @Test
  void alteredMigrationIsStillRefused() throws Exception {
    DataSource altered = database("altered");
    SqlSchema.lay(altered, true);
    execute(altered, "UPDATE linescribe_schema SET checksum = 1 WHERE version = '5'");

    assertThatThrownBy(() -> SqlSchema.lay(altered, true)).isInstanceOf(FlywayException.class);
  }

  @Test
  void storeOnTheScriptKeepsWhatItIsGivenOverAReopening() throws Exception {
    Instant at = Instant.parse("2026-12-01T10:00:00Z");
    try (SqlSegmentStore store = SqlSegmentStore.embedded(folder)) {
      store.write(
          new StoreWrite.Opened(
              new SessionId("s"), "sip", Optional.empty(), List.of("caller"), at, at, Map.of()));
    }

    try (SqlSegmentStore store = SqlSegmentStore.embedded(folder)) {
      assertThat(store.list(SessionQuery.all(Optional.empty(), 10))).hasSize(1);
    }
  }

  private DataSource database(String name) {
    JdbcDataSource source = new JdbcDataSource();
    source.setUrl(
        "jdbc:h2:"
            + folder.resolve(name).toAbsolutePath()
            + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE;WRITE_DELAY=0;DB_CLOSE_DELAY=0");
    return source;
  }

  private static void execute(DataSource database, String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> history(DataSource database) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return SqlSchema.history(connection).applied();
    }
  }

  private static List<String> rows(DataSource database, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      while (found.next()) {
        rows.add(found.getString(1));
      }
    }
    return rows;
  }

  /** What H2 says of its schema, and the history's rows in one statement at its end. */
  private static String script(DataSource database) throws SQLException {
    StringBuilder script = new StringBuilder();
    for (String statement : rows(database, "SCRIPT NODATA NOPASSWORDS NOSETTINGS")) {
      String text = statement.strip();
      if (!text.startsWith("--") && !text.startsWith("CREATE USER")) {
        script.append(text.replaceAll("\\s+", " ")).append('\n');
      }
    }
    List<String> applied =
        rows(
            database,
            "SELECT '(' || installed_rank || ', ''' || version || ''', ''' || description || ''',"
                + " ''' || type || ''', ''' || script || ''', ' || checksum || ', ''' ||"
                + " installed_by || ''', CURRENT_TIMESTAMP, 0, ' || success || ')' FROM "
                + SqlSchema.TABLE
                + " WHERE version IS NOT NULL ORDER BY installed_rank");
    return script
        .append("INSERT INTO \"public\".\"linescribe_schema\" VALUES\n")
        .append(String.join(",\n", applied))
        .append(";\n")
        .toString();
  }
}
