package org.linescribe.api.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.http.ApiConfiguration;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.sherpa.ModelSpeed;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;

/** The route that measures models, with a meter that measures nothing but what the test wants. */
class ModelSpeedsTest {
  private static final String MODEL = "telephony-digits-en";
  private static final String SPEED = "/models/" + MODEL + "/speed";

  /** The meter of the server under test. */
  private static volatile SpeedMeter meter = (_, _) -> Optional.empty();

  @Configuration(proxyBeanMethods = false)
  static class Metered {
    @Bean
    SpeedMeter speedMeter() {
      return (model, mayGoOn) -> meter.measure(model, mayGoOn);
    }
  }

  @TempDir private Path data;
  private final FakeSessions sessions = new FakeSessions();
  private ApiServer server;

  @BeforeEach
  void start() {
    server =
        ApiServer.start(
            sessions,
            Map.of("linescribe.data", data.toString()),
            ApiConfiguration.class,
            Metered.class);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HttpResponse<String> post(String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create(server.http(path)))
              .POST(HttpRequest.BodyPublishers.noBody())
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static ModelSpeed.Measured measured() {
    return new ModelSpeed.Measured(0.25, 0.1, Duration.ofSeconds(20), Duration.ofSeconds(5));
  }

  private SessionSource open() throws Exception {
    return sessions.open(
        SourceRequest.of(new SessionId("call"), "test"),
        new SourceListener() {
          @Override
          public void onEvent(TranscriptEvent event) {}

          @Override
          public void onClosed(SourceClosed reason) {}
        });
  }

  @Test
  void tellsAndKeepsWhatWasMeasured() throws Exception {
    meter = (_, _) -> Optional.of(measured());

    JsonNode speed = json(post(SPEED));

    assertThat(speed.get("real_time_factor").asDouble()).isEqualTo(0.25);
    assertThat(speed.get("cores_per_call").asDouble()).isEqualTo(0.1);
    assertThat(speed.get("calls_per_core").asInt()).isEqualTo(7);
    assertThat(speed.get("cores").asInt()).isPositive();
    JsonNode listed =
        json(get(server.http("/models"))).get("models").values().stream()
            .filter(model -> model.get("name").asString().equals(MODEL))
            .findFirst()
            .orElseThrow();
    assertThat(listed.get("speed")).isEqualTo(speed);
  }

  @Test
  void refusesWhileASourceIsOpen() throws Exception {
    meter = (_, _) -> Optional.of(measured());
    SessionSource source = open();
    HttpResponse<String> refused = post(SPEED);
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains("Sources are open");
    source.end("done");
    assertThat(post(SPEED).statusCode()).isEqualTo(200);
  }

  @Test
  void measuresOneModelAtATimeAndTellsWhenASourceBrokeItOff() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    meter =
        (_, mayGoOn) -> {
          begun.countDown();
          goOn.await();
          return measuredIf(mayGoOn);
        };
    CompletableFuture<HttpResponse<String>> first =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return post(SPEED);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    begun.await();
    assertThat(post(SPEED).body()).contains("Another model is being measured");
    open();
    goOn.countDown();

    assertThat(first.join().statusCode()).isEqualTo(409);
    assertThat(first.join().body()).contains("broken off");
  }

  private static Optional<ModelSpeed.Measured> measuredIf(BooleanSupplier mayGoOn) {
    return mayGoOn.getAsBoolean() ? Optional.of(measured()) : Optional.empty();
  }

  @Test
  void saysWhyAModelCannotBeMeasured() throws Exception {
    meter =
        (model, _) -> {
          throw new RecogniserException(model + " is too slow here to be measured");
        };
    assertThat(post("/models/none-such/speed").statusCode()).isEqualTo(404);
    HttpResponse<String> absent = post("/models/sherpa-onnx-lstm-en-2023-02-17/speed");
    assertThat(absent.statusCode()).isEqualTo(409);
    assertThat(absent.body()).contains("not installed");
    HttpResponse<String> slow = post(SPEED);
    assertThat(slow.statusCode()).isEqualTo(409);
    assertThat(slow.body()).contains("too slow");
  }
}
