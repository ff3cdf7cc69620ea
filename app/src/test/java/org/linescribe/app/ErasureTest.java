package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.testcalls.CallDisplay;
import org.linescribe.testcalls.CallPlacer;
import org.linescribe.testcalls.CallReport;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.SipCaller;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.servers.OwnRedis;
import tools.jackson.databind.json.JsonMapper;

/** {@code linescribe export} and {@code delete} of a call that was recorded. */
final class ErasureTest {
  @TempDir Path data;
  @TempDir Path folder;
  private final CommandRun run = new CommandRun();

  @Test
  void nothingOfAnErasedCallIsLeftInDatabaseRedisOrDisk() throws Exception {
    String id = "marker-" + UUID.randomUUID();
    String text;
    try (OwnRedis redis = new OwnRedis()) {
      List<String> settings = new ArrayList<>(List.of(TestGateway.UNHURRIED));
      settings.add("--linescribe.redis.url=" + redis.url());
      settings.add("--linescribe.recording.calls=true");
      // A receiver that is never there: what is due to it waits.
      settings.addAll(TestGateway.webhook("crm", "http://127.0.0.1:1/"));
      try (TestGateway gateway = new TestGateway(data, settings.toArray(String[]::new))) {
        Sessions sessions = gateway.part(Sessions.class);
        text = call(gateway, id);
        await().until(() -> sessions.find(new SessionId(id)).orElseThrow().endedAt().isPresent());
        await().until(() -> !sessions.isLive(new SessionId(id)));
        assertThat(filesWith(text)).as("kept in the database's files").isNotEmpty();
        assertThat(filesNamed(id)).as("recordings").anyMatch(f -> f.toString().endsWith(".wav"));
        assertThat(filesNamed(id)).as("webhooks").anyMatch(f -> f.toString().contains("crm"));

        assertThat(run.of("export", id, "--http", gateway.http(), "--out", folder + "/of"))
            .isZero();
        assertThat(Files.readString(folder.resolve("of/transcript.txt"))).contains(text);
        assertThat(Files.size(folder.resolve("of/recording-1.wav"))).isGreaterThan(16_000);
        assertThat(folder.resolve("of/call.json")).exists();

        // The recorder ends a moment after its call; until then it keeps the session.
        await().until(() -> run.of("delete", id, "--http", gateway.http()) == 0);

        assertThat(run.out.toString()).contains(id + ": 1 segments and 1 recordings are erased");
        assertThat(sessions.find(new SessionId(id))).isEmpty();
        assertThat(sessions.segments(new SessionId(id), 1, 10)).isEmpty();
        assertThat(filesWith(id)).as("webhooks").noneMatch(f -> f.toString().contains("webhooks"));
        assertThat(keys(redis)).noneMatch(key -> key.contains(id));
        assertThat(filesNamed(id)).isEmpty();
        assertThat(run.of("delete", id, "--http", gateway.http())).as("once more").isEqualTo(1);
        assertThat(run.err.toString()).contains("the gateway answered 404: Session not found");
      }
    }
    assertThat(filesWith(text)).isEmpty();
    assertThat(filesWith(id)).isEmpty();
    assertThat(Files.readString(data.resolve("erasures.log")))
        .contains("\"segments\":1,\"recordings\":1}")
        .doesNotContain(id);
  }

  @Test
  void nothingOfAnErasedFileIsLeftInItsTaskOrInRedis() throws Exception {
    try (OwnRedis redis = new OwnRedis()) {
      List<String> settings = new ArrayList<>(List.of(TestGateway.UNHURRIED));
      settings.add("--linescribe.redis.url=" + redis.url());
      try (TestGateway gateway = new TestGateway(data, settings.toArray(String[]::new))) {
        String task =
            JsonMapper.shared()
                .readTree(upload("http://" + gateway.http() + "/audio/process"))
                .get("task_id")
                .asString();
        String result = "http://" + gateway.http() + "/audio/task/" + task;
        await().until(() -> get(result).body().contains("\"status\":\"completed\""));
        assertThat(keys(redis)).anyMatch(key -> key.contains(task));

        assertThat(run.of("delete", task, "--http", gateway.http())).as("%s", run.err).isZero();

        assertThat(get(result).statusCode()).isEqualTo(404);
        assertThat(get(result + "/events").statusCode()).isEqualTo(404);
        assertThat(keys(redis)).noneMatch(key -> key.contains(task));
      }
    }
  }

  private static HttpResponse<String> get(String url) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private static String upload(String url) throws Exception {
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    form.writeBytes(
        "--b\r\nContent-Disposition: form-data; name=\"audio\"; filename=\"pin.wav\"\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII));
    form.writeBytes(Files.readAllBytes(HumanRecording.named("pin-jackson-1.wav").file()));
    form.writeBytes("\r\n--b--\r\n".getBytes(StandardCharsets.US_ASCII));
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(url))
                  .header("Content-Type", "multipart/form-data; boundary=b")
                  .POST(HttpRequest.BodyPublishers.ofByteArray(form.toByteArray()))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void anOpenSessionIsNotErased() throws Exception {
    try (TestGateway gateway = new TestGateway(data);
        ApiClient source =
            new ApiClient("ws://" + gateway.http() + "/ws/transcribe/open?codec=pcmu")) {
      source.send(new byte[160], 160);
      await().until(() -> gateway.part(Sessions.class).isLive(new SessionId("open")));

      assertThat(run.of("delete", "open", "--unended", "--http", gateway.http())).isEqualTo(1);

      assertThat(run.err.toString()).contains("409: the session is open");
      assertThat(gateway.part(Sessions.class).isLive(new SessionId("open"))).isTrue();
      assertThat(data.resolve("erasures.log")).doesNotExist();
    }
  }

  @Test
  void withoutAGatewayItSaysSo() {
    assertThat(run.of("delete", "x", "--http", "127.0.0.1:1")).isEqualTo(2);
    assertThat(run.of("export", "x", "--http", "127.0.0.1:1")).isEqualTo(2);
    assertThat(run.err.toString().lines())
        .hasSize(2)
        .allMatch(line -> line.contains("nothing answers at 127.0.0.1:1"));
  }

  private static String call(TestGateway gateway, String id) throws Exception {
    RecordedCall recording =
        RecordedCall.find(
                List.of(ProjectFiles.root().resolve("test-calls/recorded/pin-slt.wav")), null)
            .getFirst();
    try (SipCaller sip = new SipCaller(gateway.sipUri(), G711Law.PCMU);
        CallPlacer placer =
            new CallPlacer(
                sip, G711Law.PCMU, gateway::subscription, Map.of(), Duration.ofMinutes(2))) {
      CallReport report =
          placer.place(new CallPlacer.Plan(recording, id, false), CallDisplay.QUIET);
      assertThat(report.text()).as("%s", report).hasSizeGreaterThan(5);
      return report.text();
    }
  }

  private static List<String> keys(OwnRedis redis) {
    RedisClient client = RedisClient.create(redis.url());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      return connection.sync().keys("*");
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  private List<Path> filesNamed(String id) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      return files.filter(file -> file.getFileName().toString().contains(id)).toList();
    }
  }

  /** As bytes, whatever the file is; H2 keeps text as UTF-8. */
  private List<Path> filesWith(String text) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(text)) {
          found.add(file);
        }
      }
    }
    return found;
  }
}
