package org.linescribe.api.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.WebSocketClient;

/** From polling to WebSocket, step by step. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketIoUpgradeTest {
  @TempDir Path folder;
  private SocketIoServer gateway;
  private RawClient raw;

  @BeforeEach
  void start() {
    gateway = SocketIoServer.withManualTime(folder, Map.of());
    raw = new RawClient(gateway);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  /** Two candidates at once: the one that was let in, the other being refused. */
  private WebSocketClient candidate(String path) {
    WebSocketClient one = raw.candidate(path);
    WebSocketClient two = raw.candidate(path);
    await().until(() -> one.isClosed() || two.isClosed());
    WebSocketClient refused = one.isClosed() ? one : two;
    assertThat(refused.closed().code()).isEqualTo(1008);
    return refused == one ? two : one;
  }

  @Test
  void aProbedWebSocketTakesOverWithEverythingThatWaits() throws Exception {
    String path = raw.joined();
    try (WebSocketClient candidate = candidate(path)) {
      candidate.send("2probe");
      assertThat(candidate.next()).isEqualTo("3probe");
      assertThat(raw.get(path).body()).as("so that the client ends polling").isEqualTo("6");
      assertThat(raw.post(path, RawClient.CHUNK).body()).isEqualTo("ok");
      candidate.send("5");
      assertThat(candidate.next()).isEqualTo(RawClient.RECEIVED);
      assertThat(raw.get(path).statusCode()).isEqualTo(400);
      assertThat(raw.post(path, "3").statusCode()).isEqualTo(400);
      candidate.send("42/streaming,[\"stop_recording\"]");
      assertThat(candidate.next()).contains("result_file_path");
    }
  }

  @Test
  void aCandidateThatHasNotProvedItselfDisturbsNoPolling() throws Exception {
    String path = raw.joined();
    try (WebSocketClient silent = candidate(path)) {
      for (int round = 0; round < 10; round++) {
        CompletableFuture<HttpResponse<String>> waiting = raw.getLater(path);
        assertThat(raw.post(path, RawClient.CHUNK).body()).isEqualTo("ok");
        assertThat(waiting.get().body()).isEqualTo(RawClient.RECEIVED);
      }
      assertThat(silent.isClosed()).isFalse();
    }
  }

  @Test
  void anUpgradeThatIsNotFinishedInTimeIsGivenUpAndAnotherMayTry() throws Exception {
    String path = raw.joined();
    try (WebSocketClient slow = candidate(path)) {
      slow.send("2probe");
      assertThat(slow.next()).isEqualTo("3probe");
      gateway.pass(Duration.ofSeconds(10));
      assertThat(slow.closed().code()).isEqualTo(1008);
    }
    awaitFree();
    try (WebSocketClient next = candidate(path)) {
      next.send("2probe");
      assertThat(next.next()).isEqualTo("3probe");
      next.send("5");
      next.send("42/streaming,[\"stop_recording\"]");
      assertThat(next.next()).contains(StreamingClient.EMPTY);
      gateway.pass(Duration.ofSeconds(10));
      next.send("42/streaming,[\"stop_recording\"]");
      assertThat(next.next()).as("in time").contains(StreamingClient.EMPTY);
    }
  }

  @Test
  void aCandidateThatMisbehavesDoesNoHarmToTheConnection() throws Exception {
    String path = raw.joined();
    for (String wrong : new String[] {"5", "2", "3probe", "4", "42/streaming,[\"x\"]"}) {
      try (WebSocketClient candidate = candidate(path)) {
        candidate.send(wrong);
        assertThat(candidate.closed().code()).as(wrong).isEqualTo(1008);
      }
      awaitFree();
    }
    try (WebSocketClient candidate = candidate(path)) {
      candidate.send(new byte[10]);
      assertThat(candidate.closed().code()).isEqualTo(1008);
    }
    assertThat(raw.post(path, RawClient.CHUNK).body()).isEqualTo("ok");
    assertThat(raw.get(path).body()).isEqualTo(RawClient.RECEIVED);
  }

  /** The gateway learns of a candidate's end a moment after the candidate does. */
  private void awaitFree() {
    await().until(() -> gateway.sockets() == 0);
  }
}
