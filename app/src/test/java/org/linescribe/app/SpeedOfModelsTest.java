package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Measurements of models by the whole program. */
final class SpeedOfModelsTest {
  private static final String SPEED = "/models/telephony-digits-en/speed";
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir static Path data;
  private static TestGateway gateway;

  @BeforeAll
  static void start() {
    gateway = new TestGateway(data);
  }

  @AfterAll
  static void stop() {
    gateway.close();
    HTTP.close();
  }

  private static CompletableFuture<HttpResponse<String>> measure() {
    return HTTP.sendAsync(
        HttpRequest.newBuilder(URI.create("http://" + gateway.http() + SPEED))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static long children() {
    return ProcessHandle.current().children().filter(ProcessHandle::isAlive).count();
  }

  @Test
  void measuresABundledModelInAProcessOfItsOwn() {
    HttpResponse<String> answer = measure().join();

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonNode speed = JsonMapper.shared().readTree(answer.body());
    // It has 0.6 million parameters, so any machine that builds this decodes it faster than speech.
    assertThat(speed.get("cores_per_call").asDouble()).isBetween(0.0001, 0.9);
    // The answer has it in four decimals.
    double least = speed.get("cores_per_call").asDouble() - 0.00005;
    assertThat(speed.get("calls_per_core").asDouble())
        .isBetween(0.7 / (least + 0.0001) - 1, 0.7 / least);
    assertThat(speed.get("audio_seconds").asDouble()).isPositive();
    assertThat(speed.get("real_time_factor").asDouble()).isPositive();
    System.out.println("telephony-digits-en here: " + answer.body());
  }

  @Test
  void breaksOffWhenASourceOpens() throws Exception {
    long before = children();
    CompletableFuture<HttpResponse<String>> answer = measure();
    await().until(() -> answer.isDone() || children() > before);
    SessionSource source =
        gateway
            .part(Sessions.class)
            .open(
                SourceRequest.of(new SessionId("call"), "test"),
                new SourceListener() {
                  @Override
                  public void onEvent(TranscriptEvent event) {}

                  @Override
                  public void onClosed(SourceClosed reason) {}
                });

    assertThat(answer.join().statusCode()).as(answer.join().body()).isEqualTo(409);
    assertThat(answer.join().body()).contains("broken off");
    assertThat(children()).as("processes left").isEqualTo(before);
    assertThat(measure().join().body()).contains("Sources are open");
    source.end("done").toCompletableFuture().join();
  }
}
