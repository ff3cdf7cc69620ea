package org.linescribe.api.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.FakeSessions.FakeSession;
import org.linescribe.api.WebSocketClient;

class SubscribeDoorTest {
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
    WebSocketClient clean = WebSocketClient.connect(uri("goes"));
    WebSocketClient abrupt = WebSocketClient.connect(uri("goes"));
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
    try (WebSocketClient slow = WebSocketClient.connectWithoutReading(uri("slow"));
        WebSocketClient quick = WebSocketClient.connect(uri("slow"))) {
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

  @Test
  void refusesABadNumberOrIdWith1008() {
    assertThat(WebSocketClient.connect(uri("x?from_seq=0")).closed().code()).isEqualTo(1008);
    assertThat(WebSocketClient.connect(uri("x?from_seq=a")).closed().code()).isEqualTo(1008);
    assertThat(WebSocketClient.connect(uri("%20")).closed().code()).isEqualTo(1008);
  }
}
