package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.WebSocketClient;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.Segment;

/** The default model is changed while people speak. */
class DefaultModelTest {
  private static final HumanCall CALL = HumanCall.named("pin-jackson-1.wav");
  private static final String DIGITS = "telephony-digits-en";

  @TempDir private static Path data;
  private static RealGateway gateway;

  @BeforeAll
  static void startGateway() {
    gateway = new RealGateway(data);
  }

  @AfterAll
  static void stopGateway() {
    gateway.close();
  }

  private static WebSocketClient source(String id) {
    return WebSocketClient.connect(gateway.server().ws("/ws/transcribe/" + id + "?codec=pcmu"));
  }

  private static void say(WebSocketClient client) {
    client.send(CALL.g711WithSilence(G711Law.PCMU, 2000));
  }

  private static void assertRecognisedBy(String model, int segments, String id) {
    await().until(() -> gateway.hasEnded(id));
    assertThat(gateway.segments(id))
        .hasSizeGreaterThanOrEqualTo(segments)
        .extracting(Segment::model)
        .containsOnly(model);
  }

  private static HttpResponse<String> makeDefault(String model)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create(gateway.server().http("/models/" + model + "/default")))
              .POST(HttpRequest.BodyPublishers.noBody())
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static String told() throws IOException, InterruptedException {
    return json(get(gateway.server().http("/models"))).get("default_model").asString();
  }

  @Test
  void sessionsThatBeginAfterwardsGetTheNewOneAndOpenOnesKeepTheirs() throws Exception {
    assertThat(told()).isEqualTo(DIGITS);
    try (WebSocketClient before = source("before")) {
      say(before);
      await().until(() -> !gateway.segments("before").isEmpty());
      int kept = gateway.segments("before").size();

      assertThat(json(makeDefault(RealGateway.GENERAL)).get("default_model").asString())
          .isEqualTo(RealGateway.GENERAL);

      assertThat(told()).isEqualTo(RealGateway.GENERAL);
      try (WebSocketClient after = source("after")) {
        say(after);
      }
      assertRecognisedBy(RealGateway.GENERAL, 1, "after");
      say(before);
      await().until(() -> gateway.segments("before").size() > kept);
    }
    assertRecognisedBy(DIGITS, 2, "before");

    assertThat(makeDefault("nonsense").statusCode()).isEqualTo(409);
    assertThat(told()).isEqualTo(RealGateway.GENERAL);
    assertThat(makeDefault(DIGITS).statusCode()).isEqualTo(200);
    try (WebSocketClient last = source("last")) {
      say(last);
    }
    assertRecognisedBy(DIGITS, 1, "last");
  }
}
