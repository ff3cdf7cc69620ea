package org.linescribe.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.session.SessionId;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.Tool;

/**
 * The documentation's receiver: of this gateway, of somebody else, and of somebody who listened.
 */
@NeedsTool(Tool.PYTHON)
class WebhookExampleTest {
  private static final byte[] KEY =
      new WebhookSettings.Endpoint(
              "r", "https://example.org", WebhookReceiver.SECRET, Set.of(), Set.of())
          .key();
  private static final String BODY =
      "{\"type\": \"session.started\", \"data\": {\"session_id\": \"one\"}}";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static final SourceListener NOBODY =
      new SourceListener() {
        @Override
        public void onEvent(TranscriptEvent event) {}

        @Override
        public void onClosed(SourceClosed reason) {}
      };

  @TempDir private Path data;
  private final List<String> told = new CopyOnWriteArrayList<>();
  private Process receiver;
  private String url = "";

  @BeforeEach
  void start() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder("python3", ProjectFiles.example("webhook-receiver.py").toString(), "0")
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("WEBHOOK_SECRET", WebhookReceiver.SECRET);
    receiver = builder.start();
    BufferedReader lines = receiver.inputReader(StandardCharsets.UTF_8);
    String first = String.valueOf(lines.readLine());
    assertThat(first).startsWith("listening ");
    url = "http://127.0.0.1:" + first.substring("listening ".length()) + "/hook";
    Thread.ofVirtual().start(() -> lines.lines().forEach(told::add));
  }

  @AfterEach
  void stop() {
    receiver.destroyForcibly();
  }

  /**
   * @param signature absent where it is left out
   */
  private int post(String id, long timestampS, Optional<String> signature, String body)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .header("webhook-id", id)
            .header("webhook-timestamp", Long.toString(timestampS))
            .POST(HttpRequest.BodyPublishers.ofString(body));
    signature.ifPresent(value -> request.header("webhook-signature", value));
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private static Optional<String> signature(String id, long timestampS) {
    return signature(id, timestampS, BODY);
  }

  private static Optional<String> signature(String id, long timestampS, String body) {
    return Optional.of(
        WebhookSignature.of(KEY, id, timestampS, body.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void takesWhatTheGatewaySends() throws Exception {
    Map<String, Object> settings = new TreeMap<>();
    settings.put("linescribe.data", data.toString());
    settings.put("linescribe.webhooks.allow-private", "true");
    settings.put("linescribe.webhooks.endpoints[0].name", "example");
    settings.put("linescribe.webhooks.endpoints[0].url", url);
    settings.put("linescribe.webhooks.endpoints[0].secret", WebhookReceiver.SECRET);
    FakeSessions sessions = new FakeSessions();
    try (ApiServer _ = ApiServer.start(sessions, settings)) {
      sessions.open(SourceRequest.of(new SessionId("one"), "websocket"), NOBODY);
      sessions.session("one").ends("ünïcödé");

      await().until(() -> told.equals(List.of("session.started one", "segment.final one")));
    }
  }

  @Test
  void takesARepetitionOnceAndNothingUnsignedAlteredOrOld() throws Exception {
    long now = Instant.now().getEpochSecond();
    assertThat(post("msg_1", now, Optional.empty(), BODY)).as("unsigned").isEqualTo(401);
    assertThat(post("msg_1", now, Optional.of("v1,AAAA"), BODY)).as("forged").isEqualTo(401);
    assertThat(post("msg_1", now, signature("msg_1", now), BODY + " "))
        .as("altered")
        .isEqualTo(401);
    assertThat(post("msg_2", now, signature("msg_1", now), BODY)).as("renamed").isEqualTo(401);
    assertThat(post("msg_1", now, signature("msg_1", now - 1), BODY)).as("redated").isEqualTo(401);
    long old = now - 3600;
    assertThat(post("msg_1", old, signature("msg_1", old), BODY)).as("old").isEqualTo(401);
    assertThat(told).isEmpty();

    assertThat(post("msg_1", now, signature("msg_1", now), BODY)).isEqualTo(204);
    assertThat(post("msg_1", now, signature("msg_1", now), BODY)).as("replayed").isEqualTo(204);
    String next = BODY.replace("one", "two");
    assertThat(post("msg_3", now, signature("msg_3", now, next), next)).isEqualTo(204);

    await().until(() -> told.contains("session.started two"));
    assertThat(told).containsExactly("session.started one", "session.started two");
  }
}
