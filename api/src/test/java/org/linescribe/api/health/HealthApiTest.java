package org.linescribe.api.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.session.Sessions.Readiness;
import tools.jackson.databind.node.ObjectNode;

class HealthApiTest {
  private static FakeSessions sessions;
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    sessions = new FakeSessions();
    server = ApiServer.start(sessions, Map.of());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  /**
   * Until it holds: an answer that took the gateway longer than a probe may wait says no more than
   * that, and on a slow machine one may.
   */
  private static void settles(ThrowingRunnable assertions) {
    await().untilAsserted(assertions);
  }

  @Test
  void isReadyWhenAllIsWell() throws IOException, InterruptedException {
    sessions.readiness(new Readiness(true, true, true, 0, ""));
    assertThat(get(server.http("/health/live")).statusCode()).isEqualTo(200);
    settles(
        () -> {
          assertThat(get(server.http("/health/ready")).statusCode()).isEqualTo(200);
          ObjectNode health = (ObjectNode) json(get(server.http("/health")));
          // What APIs add is theirs to test.
          health.remove("providers");
          assertThat(health)
              .isEqualTo(
                  json(
                      """
                      {"status": "ok", "ready": true, "reasons": [], "store": "up",
                       "live_transcript": "up", "outbox_segments": 0, "open_sources": 0}
                      """));
        });
  }

  @Test
  void isLiveButNotReadyWhenNothingIsAdmitted() throws IOException, InterruptedException {
    sessions.readiness(new Readiness(false, true, true, 0, "draining"));

    assertThat(get(server.http("/health/live")).statusCode()).isEqualTo(200);
    settles(
        () -> {
          HttpResponse<String> ready = get(server.http("/health/ready"));
          assertThat(ready.statusCode()).isEqualTo(503);
          assertThat(ready.headers().firstValue("Retry-After")).contains("5");
          assertThat(json(ready).get("reasons").get(0).asString()).isEqualTo("draining");
        });
    assertThat(json(get(server.http("/health"))).get("status").asString()).isEqualTo("not_ready");
  }

  @Test
  void isReadyButDegradedWhileTheStoreIsDown() throws IOException, InterruptedException {
    sessions.readiness(new Readiness(true, false, true, 3, ""));

    settles(
        () -> {
          assertThat(get(server.http("/health/ready")).statusCode()).isEqualTo(200);
          HttpResponse<String> health = get(server.http("/health"));
          assertThat(health.statusCode()).isEqualTo(200);
          assertThat(json(health).get("status").asString()).isEqualTo("degraded");
          assertThat(json(health).get("store").asString()).isEqualTo("down");
          assertThat(json(health).get("outbox_segments").asLong()).isEqualTo(3);
        });
  }

  @Test
  void answersThoughTheStoreDoesNotAndLeavesNobodyWaitingForIt() throws Exception {
    FakeSessions hanging = new FakeSessions();
    hanging.hang();
    try (ApiServer own = ApiServer.start(hanging, Map.of())) {
      HttpResponse<String> ready = get(own.http("/health/ready"));
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(json(ready).get("reasons").get(0).asString()).isEqualTo("readiness took over 2 s");
      assertThat(hanging.readinessGivenUp().await(2, TimeUnit.MINUTES)).isTrue();
    }
  }
}
