package org.linescribe.api.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSession;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.WebSocketClient;

class SubscribeApiTest {
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

  private static String uri(String pathAndQuery) {
    return server.ws("/ws/subscribe/" + pathAndQuery);
  }

  @Test
  void replaysFromTheAskedNumberAndGoesLive() throws InterruptedException {
    FakeSession session = sessions.session("late");
    session.ends("one");
    session.ends("two");
    try (WebSocketClient reader = WebSocketClient.connect(uri("late?from_seq=2"))) {
      assertThat(json(reader.next()))
          .isEqualTo(
              json(
                  """
                  {"type": "final", "session_id": "late", "seq": 2, "text": "two", "leg": "caller",
                   "start_ms": 1000, "end_ms": 1900, "model": "fake",
                   "created_at": "2026-01-01T00:00:01Z"}
                  """));
      session.hears("thr");
      assertThat(json(reader.next()))
          .isEqualTo(
              json(
                  """
                  {"type": "partial", "session_id": "late", "seq": 3, "text": "thr",
                   "leg": "caller", "start_ms": 0, "end_ms": 100}
                  """));
      session.ends("three");
      assertThat(json(reader.next()).get("seq").asLong()).isEqualTo(3);
      session.announceEnd("bye");
      assertThat(json(reader.next()))
          .isEqualTo(
              json(
                  """
                  {"type": "ended", "session_id": "late", "seq": 4, "reason": "bye"}
                  """));
    }
  }

  @Test
  void endsTheSubscriptionWhenTheClientGoes() {
    FakeSession session = sessions.session("goes");
    WebSocketClient clean = WebSocketClient.connect(uri("goes?wait=true"));
    WebSocketClient abrupt = WebSocketClient.connect(uri("goes?wait=true"));
    await().until(() -> session.readers() == 2);

    clean.close();
    abrupt.abort();

    await().until(() -> session.readers() == 0);
  }

  @Test
  void delaysOnlyTheReaderThatDoesNotRead() throws InterruptedException {
    FakeSession session = sessions.session("slow");
    int finals = 30_000;
    String text = "many words that fill the buffers of the network ".repeat(10);
    try (WebSocketClient slow = WebSocketClient.connectWithoutReading(uri("slow?wait=true"));
        WebSocketClient quick = WebSocketClient.connect(uri("slow?wait=true"))) {
      await().until(() -> session.readers() == 2);
      for (int n = 0; n < finals; n++) {
        session.hears(text + n);
        session.ends(text + n);
      }
      assertThatFinalsAreWhole(quick, finals);
      assertThat(slow.received()).isEmpty();

      slow.read(Long.MAX_VALUE);

      assertThatFinalsAreWhole(slow, finals);
      assertThat(slow.received().size()).isLessThan(2 * finals);
    }
  }

  private static void assertThatFinalsAreWhole(WebSocketClient reader, int finals)
      throws InterruptedException {
    for (int seq = 1; seq <= finals; ) {
      String message = reader.next();
      if (message.startsWith("{\"type\":\"final\"")) {
        assertThat(message).contains("\"seq\":" + seq + ",");
        seq++;
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "3, 1", "3, 3", "3, 4", "3, 9"})
  void closesAReaderThatComesAfterTheEnd(int finals, int fromSeq) throws InterruptedException {
    String id = "over-" + finals + "-" + fromSeq;
    FakeSession session = sessions.session(id);
    for (int n = 1; n <= finals; n++) {
      session.ends("number " + n);
    }
    session.ended("bye");
    WebSocketClient reader = WebSocketClient.connect(uri(id + "?from_seq=" + fromSeq));
    for (int seq = fromSeq; seq <= finals; seq++) {
      assertThat(json(reader.next()).get("seq").asLong()).isEqualTo(seq);
    }
    assertThat(json(reader.next()))
        .isEqualTo(
            json(
                """
                {"type": "ended", "session_id": "%s", "seq": %d, "reason": "bye"}
                """
                    .formatted(id, finals + 1)));
    assertThat(reader.closed().code()).isEqualTo(1000);
  }

  @Test
  void closesTheReaderOfAnUnknownSessionWith4404UnlessItWaits() throws InterruptedException {
    assertThat(WebSocketClient.connect(uri("nobody")).closed())
        .isEqualTo(new WebSocketClient.Closed(4404, "session not found; ?wait=true waits for it"));
    try (WebSocketClient waiting = WebSocketClient.connect(uri("later?wait=true"))) {
      await().until(() -> sessions.session("later").readers() == 1);
      sessions.session("later").ends("one");
      assertThat(json(waiting.next()).get("seq").asLong()).isEqualTo(1);
    }
  }

  @Test
  void refusesABadNumberOrIdWith1008() {
    assertThat(WebSocketClient.connect(uri("x?from_seq=0")).closed().code()).isEqualTo(1008);
    assertThat(WebSocketClient.connect(uri("x?from_seq=a")).closed().code()).isEqualTo(1008);
    assertThat(WebSocketClient.connect(uri("%20")).closed().code()).isEqualTo(1008);
  }
}
