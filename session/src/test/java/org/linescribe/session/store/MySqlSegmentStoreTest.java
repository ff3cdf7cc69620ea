package org.linescribe.session.store;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;
import org.testcontainers.mysql.MySQLContainer;

@NeedsTool(Tool.DOCKER)
class MySqlSegmentStoreTest extends SegmentStoreContract {
  private static MySQLContainer server;

  @BeforeAll
  static void start() {
    server = new MySQLContainer("mysql:8.4");
    server.start();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.stop();
    }
  }

  @BeforeEach
  void empty() throws Exception {
    try (var connection =
            java.sql.DriverManager.getConnection(
                server.getJdbcUrl(), server.getUsername(), server.getPassword());
        var statement = connection.createStatement()) {
      statement.execute("DELETE FROM segment_words");
      statement.execute("DELETE FROM access_keys");
      statement.execute("DELETE FROM segments");
      statement.execute("DELETE FROM sessions");
    }
  }

  @Override
  SegmentStore open() {
    return SqlSegmentStore.connect(
        SqlStoreSettings.of(server.getJdbcUrl(), server.getUsername(), server.getPassword()));
  }
}
