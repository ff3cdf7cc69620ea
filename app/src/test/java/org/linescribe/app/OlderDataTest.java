package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.testsupport.servers.SharedMariaDb;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A data folder that an earlier build wrote, by the whole program: see {@code data-of-978659a6.md}.
 */
final class OlderDataTest {
  /** Made by that build, by {@code POST /keys}. */
  private static final String MADE_KEY = "ls_5zzFyUyTHtAiOJDgWhjYufXAq2PEvdL5gvMmKQoGJzg";

  private static final String SESSION = "call-of-0-1";

  @TempDir Path data;

  private void unpack() throws Exception {
    try (InputStream file = OlderDataTest.class.getResourceAsStream("data-of-978659a6.tar.gz");
        TarArchiveInputStream tar =
            new TarArchiveInputStream(new GZIPInputStream(new BufferedInputStream(file)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path path = data.resolve(entry.getName()).normalize();
        if (entry.isDirectory()) {
          Files.createDirectories(path);
        } else {
          Files.write(path, tar.readAllBytes());
        }
      }
    }
  }

  private TestGateway start(String... more) {
    List<String> settings = new ArrayList<>(ConsoleBrowser.KEY_SETTINGS);
    settings.addAll(TestGateway.webhook("crm", "http://127.0.0.1:1/"));
    settings.addAll(List.of(more));
    return new TestGateway(data, settings.toArray(String[]::new));
  }

  /**
   * Moves the rows to a server's database as builds before schema V9 laid it, and deletes the
   * embedded one.
   */
  private String onAServer() throws Exception {
    String url = SharedMariaDb.url(SharedMariaDb.port(), SharedMariaDb.newDatabase());
    Flyway.configure(OlderDataTest.class.getClassLoader())
        .dataSource(url, "root", "")
        .locations("classpath:org/linescribe/session/store/migrations")
        .table("linescribe_schema")
        .baselineOnMigrate(true)
        .baselineVersion("0")
        .target("8")
        .load()
        .migrate();
    Path embedded = data.resolve("db");
    try (Connection from =
            DriverManager.getConnection(
                "jdbc:h2:"
                    + embedded.resolve("linescribe")
                    + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE");
        Connection to = DriverManager.getConnection(url, "root", "")) {
      for (String table : List.of("sessions", "segments", "call_records", "access_keys")) {
        assertThat(copy(table, from, to)).as(table).isPositive();
      }
    }
    FileSystemUtils.deleteRecursively(embedded);
    return url;
  }

  private static int copy(String table, Connection from, Connection to) throws SQLException {
    int copied = 0;
    try (Statement select = from.createStatement();
        ResultSet rows = select.executeQuery("SELECT * FROM " + table)) {
      ResultSetMetaData columns = rows.getMetaData();
      List<String> names = new ArrayList<>();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        names.add(columns.getColumnName(i));
      }
      String insert =
          "INSERT INTO %s (%s) VALUES (%s)"
              .formatted(
                  table,
                  String.join(",", names),
                  String.join(",", Collections.nCopies(names.size(), "?")));
      try (PreparedStatement statement = to.prepareStatement(insert)) {
        while (rows.next()) {
          for (int i = 1; i <= names.size(); i++) {
            // A text of any length, and a time without a zone.
            Object value = rows.getObject(i);
            statement.setObject(
                i,
                switch (value) {
                  case Clob _ -> rows.getString(i);
                  case Timestamp _ -> rows.getObject(i, LocalDateTime.class);
                  case null, default -> value;
                });
          }
          copied += statement.executeUpdate();
        }
      }
    }
    return copied;
  }

  private static HttpResponse<byte[]> send(TestGateway gateway, String method, String path)
      throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://" + gateway.http() + path))
              .method(method, HttpRequest.BodyPublishers.noBody())
              .header("X-API-Key", MADE_KEY)
              .build(),
          HttpResponse.BodyHandlers.ofByteArray());
    }
  }

  private static JsonNode read(TestGateway gateway, String path) throws Exception {
    HttpResponse<byte[]> response = send(gateway, "GET", path);
    assertThat(response.statusCode())
        .as("%s: %s", path, new String(response.body(), StandardCharsets.UTF_8))
        .isEqualTo(200);
    return JsonMapper.shared().readTree(response.body());
  }

  @Test
  void whatAnEarlierBuildWroteIsReadFoundAndErased() throws Exception {
    unpack();
    try (TestGateway gateway = start()) {
      assertReadFoundAndErased(gateway);
    }
  }

  @Test
  void whatAnEarlierBuildWroteToAServerIsReadFoundAndErased() throws Exception {
    unpack();
    String url = onAServer();
    try (TestGateway gateway =
        start(
            "--linescribe.mysql.url=" + url,
            "--linescribe.mysql.user=root",
            "--linescribe.mysql.read-timeout=30s")) {
      assertReadFoundAndErased(gateway);
    }
  }

  private static void assertReadFoundAndErased(TestGateway gateway) throws Exception {
    JsonNode session = read(gateway, "/sessions").at("/sessions/0");
    assertThat(session.get("session_id").asString()).isEqualTo(SESSION);
    assertThat(session.get("started_at").asString()).startsWith("2026-12-01T04:31:02");
    assertThat(session.get("end_reason").asString()).isEqualTo("bye");
    assertThat(session.at("/attributes/codec").asString()).isEqualTo("pcmu");

    JsonNode segment = read(gateway, "/sessions/" + SESSION + "/segments").at("/segments/0");
    assertThat(segment.get("text").asString()).isEqualTo("FOUR SEVEN ONE NINE");
    assertThat(segment.get("start_ms").asLong()).isEqualTo(2240);
    assertThat(segment.get("confidence").asDouble()).isBetween(0.89, 0.90);
    assertThat(segment.get("tokens")).hasSize(4);
    assertThat(read(gateway, "/search?text=seven").at("/sessions/0/session_id").asString())
        .isEqualTo(SESSION);
    assertThat(read(gateway, "/call-records").at("/calls/0/session_id").asString())
        .isEqualTo(SESSION);

    JsonNode recording = read(gateway, "/recordings").at("/recordings/0");
    assertThat(recording.get("session_id").asString()).isEqualTo(SESSION);
    byte[] wav =
        send(gateway, "GET", "/recordings/" + recording.get("recording_id").asString()).body();
    assertThat(wav).hasSize(recording.get("bytes").asInt());
    assertThat(new String(wav, 0, 4, StandardCharsets.US_ASCII)).isEqualTo("RIFF");

    assertThat(read(gateway, "/webhooks/dead-letters").get("dead_letters").values())
        .extracting(letter -> letter.get("type").asString())
        .containsExactly("session.started", "segment.final", "session.ended");
    assertThat(read(gateway, "/keys").get("keys").values())
        .extracting(key -> key.get("name").asString())
        .containsExactlyInAnyOrder("console", "crm-reader");

    assertThat(send(gateway, "DELETE", "/sessions/" + SESSION).statusCode()).isEqualTo(200);
    assertThat(read(gateway, "/webhooks/dead-letters").get("dead_letters")).isEmpty();
    assertThat(read(gateway, "/recordings").get("recordings")).isEmpty();
  }
}
