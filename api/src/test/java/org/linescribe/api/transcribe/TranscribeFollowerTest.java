package org.linescribe.api.transcribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSession;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.WebSocketClient;
import org.linescribe.session.SessionRefusedException;

/** A session that a telephone call has open. */
class TranscribeFollowerTest {
  private final FakeSessions sessions = new FakeSessions();
  private ApiServer server;
  private FakeSession call;

  @BeforeEach
  void startServer() {
    sessions.refuse(
        new SessionRefusedException(
            SessionRefusedException.Reason.CONFLICT, "held by another source", Duration.ZERO));
    server = ApiServer.start(sessions, Map.of());
    call = sessions.session("call");
    call.ends("said before");
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  private WebSocketClient reader() {
    WebSocketClient client = WebSocketClient.connect(server.ws("/ws/transcribe/call"));
    await().until(() -> call.readers() == 1);
    return client;
  }

  @Test
  void showsTheCallsResultsToAClientThatSendsNoAudio() throws Exception {
    WebSocketClient client = reader();
    call.hears("tw");
    assertThat(json(client.next()))
        .isEqualTo(json("{\"type\": \"partial\", \"text\": \"tw\", \"seq\": 2}"));
    call.ends("two");
    assertThat(json(client.next()))
        .isEqualTo(json("{\"type\": \"final\", \"text\": \"two\", \"seq\": 2}"));
    client.send(new byte[0]);
    call.hears("thr");
    assertThat(json(client.next()).get("seq").asLong()).isEqualTo(3);
    call.announceEnd("bye");
    assertThat(client.closed().code()).isEqualTo(1000);
    await().until(() -> call.readers() == 0);
  }

  @Test
  void refusesAudioWith4009AndLeavesTheCallAlone() throws Exception {
    WebSocketClient client = reader();
    client.send(new byte[160]);
    assertThat(client.closed())
        .isEqualTo(new WebSocketClient.Closed(4009, "held by another source"));
    await().until(() -> call.readers() == 0);
    assertThat(call.samples()).isZero();
    assertThat(call.ends()).isEmpty();
  }
}
