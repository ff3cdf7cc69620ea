package org.linescribe.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;
import static org.linescribe.api.access.KeyedServer.KEY;
import static org.linescribe.api.access.KeyedServer.SLOW_KEY;
import static org.linescribe.api.access.KeyedServer.count;
import static org.linescribe.api.access.KeyedServer.settings;

import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.WebSocketClient;
import org.linescribe.api.sessions.Curl;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;

/** What one key may do at once and in the long run. */
class AccessLimitsTest {
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    server = ApiServer.start(new FakeSessions(), settings());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  void slowsAKeyDownAboveItsRate() throws Exception {
    double before =
        count(server, "linescribe.access.refused", "key", "slow", "reason", "requests-per-second");
    List<HttpResponse<String>> answers = new ArrayList<>();
    while (answers.stream().noneMatch(answer -> answer.statusCode() == 429)) {
      answers.add(get(server.http("/sessions"), "X-API-Key", SLOW_KEY));
      assertThat(answers).hasSizeLessThan(200);
    }

    HttpResponse<String> refused = answers.getLast();
    assertThat(answers).hasSizeGreaterThan(3);
    assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
    assertThat(json(refused))
        .isEqualTo(
            json(
                "{\"error\": \"Too many requests\","
                    + " \"limit\": \"linescribe.access.requests-per-second\"}"));
    assertThat(
            count(
                server,
                "linescribe.access.refused",
                "key",
                "slow",
                "reason",
                "requests-per-second"))
        .isEqualTo(before + 1);
    assertThat(get(server.http("/sessions"), "X-API-Key", KEY).statusCode()).isEqualTo(200);
  }

  /**
   * Any request may ask for an upgrade; one that is answered without holds a place as any other.
   */
  @NeedsTool(Tool.CURL)
  @Test
  void boundsWhatIsOpenWhateverUpgradeItAsksFor() throws Exception {
    Map<String, Object> one = settings();
    one.put("linescribe.access.keys[0].max-open", "1");
    FakeSessions own = new FakeSessions();
    own.session("s").ends("one");
    try (ApiServer small = ApiServer.start(own, one);
        Curl _ =
            new Curl(
                small.http("/sessions/s/events?wait=true"),
                "X-API-Key: " + KEY,
                "Upgrade: websocket",
                "Connection: Upgrade")) {
      await().until(() -> own.session("s").readers() == 1);

      assertThat(get(small.http("/sessions"), "X-API-Key", KEY).statusCode()).isEqualTo(429);
    }
  }

  @Test
  void boundsWhatOneKeyHasOpenAndGivesThePlacesBack() throws Exception {
    Map<String, Object> two = settings();
    two.put("linescribe.access.keys[0].max-open", "2");
    String query = "?access_token=" + KEY;
    FakeSessions own = new FakeSessions();
    try (ApiServer small = ApiServer.start(own, two)) {
      WebSocketClient first =
          WebSocketClient.connect(small.ws("/ws/subscribe/a" + query + "&wait=true"));
      await().until(() -> own.session("a").readers() == 1);
      try (WebSocketClient _ =
          WebSocketClient.connect(small.ws("/ws/subscribe/b" + query + "&wait=true"))) {
        await().until(() -> own.session("b").readers() == 1);
        try (WebSocketClient third =
            WebSocketClient.connect(small.ws("/ws/subscribe/c" + query + "&wait=true"))) {
          assertThat(third.closed())
              .isEqualTo(
                  new WebSocketClient.Closed(1013, "too much open with this key; retry after 5 s"));
        }
        HttpResponse<String> refused = get(small.http("/sessions" + query));
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(json(refused).get("limit").asString()).isEqualTo("linescribe.access.max-open");
        assertThat(get(small.http("/sessions"), "X-API-Key", SLOW_KEY).statusCode()).isEqualTo(200);
        assertThat(count(small, "linescribe.access.refused", "key", "crm", "reason", "max-open"))
            .isEqualTo(2);

        first.close();
        await().until(() -> get(small.http("/sessions" + query)).statusCode() == 200);
      }
      await()
          .until(
              () ->
                  small
                          .bean(MeterRegistry.class)
                          .get("linescribe.access.open")
                          .tag("key", "crm")
                          .gauge()
                          .value()
                      == 0);
    }
  }

  @NeedsTool(Tool.CURL)
  @Test
  void givesThePlaceOfAnEventStreamBackWhenItsReaderGoes() throws Exception {
    Map<String, Object> one = settings();
    one.put("linescribe.access.keys[0].max-open", "1");
    FakeSessions own = new FakeSessions();
    own.session("s").ends("one");
    try (ApiServer small = ApiServer.start(own, one)) {
      Process stream =
          new ProcessBuilder(
                  "curl",
                  "--silent",
                  "--no-buffer",
                  "--max-time",
                  "300",
                  small.http("/sessions/s/events?wait=true&access_token=" + KEY))
              .start();
      try {
        await().until(() -> own.session("s").readers() == 1);
        assertThat(get(small.http("/sessions"), "X-API-Key", KEY).statusCode()).isEqualTo(429);
      } finally {
        stream.destroy();
      }
      await().until(() -> get(small.http("/sessions"), "X-API-Key", KEY).statusCode() == 200);
    }
  }
}
