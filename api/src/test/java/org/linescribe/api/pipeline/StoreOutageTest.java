package org.linescribe.api.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.Unhurried;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.providers.Providers;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.session.pipeline.SessionPipeline;
import org.linescribe.session.pipeline.SessionStores;
import org.linescribe.session.store.SqlStoreSettings;

/** The APIs on the real pipeline while nothing listens where the database should be. */
class StoreOutageTest {
  @TempDir private static Path data;
  private static DeadPort nobody;
  private static Recogniser recogniser;
  private static SessionPipeline pipeline;
  private static ApiServer server;

  @BeforeAll
  static void start() throws Exception {
    nobody = new DeadPort();
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    recogniser = SherpaRecognisers.bundled(Unhurried.recogniser(), meters);
    pipeline =
        SessionPipeline.builder()
            .settings(Unhurried.sessions())
            .recogniser("sherpa", recogniser)
            .stores(
                SessionStores.open(
                    data,
                    Optional.of(
                        new SqlStoreSettings(
                            "jdbc:mysql://127.0.0.1:" + nobody.number() + "/linescribe",
                            "root",
                            "",
                            2,
                            Duration.ofMillis(250),
                            Duration.ofMillis(250))),
                    Optional.empty(),
                    Duration.ofSeconds(60),
                    meters))
            .meters(meters)
            .build();
    server =
        ApiServer.start(pipeline, new Providers(List.of(recogniser), Clock.systemUTC()), Map.of());
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
    pipeline.close();
    recogniser.close();
    nobody.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/sessions", "/sessions/call-1", "/sessions/call-1/segments"})
  void readersAreToldToComeAgain(String path) throws Exception {
    HttpResponse<String> answer = get(server.http(path));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).contains("5");
    assertThat(json(answer).get("error").asString()).isEqualTo("The store does not answer");
  }
}
