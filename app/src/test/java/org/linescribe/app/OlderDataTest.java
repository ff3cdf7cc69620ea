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
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

  private TestGateway start() {
    List<String> settings = new ArrayList<>(ConsoleBrowser.KEY_SETTINGS);
    settings.addAll(TestGateway.webhook("crm", "http://127.0.0.1:1/"));
    return new TestGateway(data, settings.toArray(String[]::new));
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
}
