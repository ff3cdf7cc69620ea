package org.linescribe.api.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.HttpAnswers;
import org.linescribe.api.WebSocketClient;
import org.linescribe.api.socketio.protocol.ConnectionProbe;
import org.linescribe.testsupport.Patience;

/** Clients that do not answer, do not read, or stop in the middle. Time is the test's. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SocketIoSilenceTest {
  private static final Duration PING_INTERVAL = Duration.ofSeconds(25);
  private static final Duration PING_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  @TempDir Path folder;
  private SocketIoServer gateway;
  private RawClient raw;

  @BeforeEach
  void start() {
    gateway =
        SocketIoServer.withManualTime(
            folder, Map.of("linescribe.socketio.connect-timeout", CONNECT_TIMEOUT.toString()));
    raw = new RawClient(gateway);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private void awaitEnd(String sessionId) {
    await().until(() -> gateway.transcripts().session(sessionId).ends().contains("disconnect"));
  }

  /** A WebSocket in the namespace, its connection at rest; what it was told is read. */
  private ConnectionProbe joined(WebSocketClient socket) throws InterruptedException {
    String sid = HttpAnswers.json(socket.next().substring(1)).path("sid").asString();
    socket.send("40/streaming,");
    assertThat(socket.next()).startsWith("40/streaming,");
    assertThat(socket.next()).contains("Connected to server");
    return raw.connection("&sid=" + sid);
  }

  private static void awaitRest(ConnectionProbe connection) {
    await().until(() -> !connection.isHandling());
  }

  @Test
  void aSilentClientIsGivenUpAndItsAudioSaved() throws Exception {
    try (WebSocketClient silent = raw.socket()) {
      ConnectionProbe connection = joined(silent);
      silent.send("451-/streaming,[\"audio_chunk\",{\"_placeholder\":true,\"num\":0}]");
      silent.send(new byte[4000]);
      assertThat(silent.next()).isEqualTo(RawClient.RECEIVED);
      awaitRest(connection);

      gateway.pass(PING_INTERVAL);
      assertThat(silent.next()).isEqualTo("2");
      gateway.pass(PING_TIMEOUT.minusMillis(1));
      assertThat(connection.isOpen()).isTrue();
      gateway.pass(Duration.ofMillis(1));

      assertThat(silent.closed().reason()).isEqualTo("ping timeout");
      String sid = gateway.transcripts().onlyId();
      awaitEnd(sid);
      assertThat(gateway.pcm(sid)).hasSize(4000);
    }
  }

  @Test
  void aClientThatAnswersStaysByEitherTransport() throws Exception {
    try (WebSocketClient socket = raw.socket()) {
      joined(socket);
      String poller = raw.joined();
      for (int beat = 0; beat < 5; beat++) {
        gateway.pass(PING_INTERVAL);
        assertThat(raw.get(poller).body()).endsWith("2");
        assertThat(raw.post(poller, "3").body()).isEqualTo("ok");
        assertThat(socket.next()).isEqualTo("2");
        socket.send("3");
        // Its answer comes after the pong was heard.
        socket.send("42/streaming,[\"stop_recording\"]");
        assertThat(socket.next()).contains(StreamingClient.EMPTY);
      }
      assertThat(gateway.clients()).isEqualTo(2);
    }
  }

  @Test
  void aClientThatStopsPollingIsGone() throws Exception {
    ConnectionProbe connection = raw.connection(raw.joined());
    awaitRest(connection);
    gateway.pass(PING_INTERVAL.plus(PING_TIMEOUT));
    assertThat(connection.isOpen()).isFalse();
    assertThat(gateway.clients()).isZero();
  }

  @Test
  void aConnectionWithoutANamespaceIsClosed() throws Exception {
    try (WebSocketClient idle = raw.socket()) {
      idle.next();
      String joined = raw.joined();
      gateway.pass(CONNECT_TIMEOUT);
      assertThat(idle.closed().reason()).isEqualTo("no namespace");
      assertThat(raw.post(joined, "41/streaming,").body()).isEqualTo("ok");
      gateway.pass(CONNECT_TIMEOUT);
      assertThat(raw.post(joined, "3").statusCode()).as("left its namespace").isEqualTo(400);
    }
  }

  /** Begins an upload of which only the beginning comes. */
  private Socket beginUpload(String path, String sessionId) throws Exception {
    raw.post(path, "40/streaming,{\"session_id\":\"" + sessionId + "\"}");
    raw.post(
        path,
        "451-/streaming,[\"audio_chunk\",{\"_placeholder\":true,\"num\":0}]\u001eb"
            + Base64.getEncoder().encodeToString(new byte[2000]));
    Socket half = new Socket("127.0.0.1", gateway.server().port());
    OutputStream out = half.getOutputStream();
    out.write(
        ("POST "
                + path
                + " HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                + "Content-Length: 5000\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    out.flush();
    // The gateway asks for the body when it begins to read it.
    byte[] goOn = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    assertThat(half.getInputStream().readNBytes(goOn.length)).isEqualTo(goOn);
    out.write("451-/str".getBytes(StandardCharsets.US_ASCII));
    out.flush();
    return half;
  }

  @Test
  void anUploadThatStopsInTheMiddleLeavesWhatCameBefore() throws Exception {
    try (Socket _ = beginUpload(raw.handshake(), "stopped")) {
      gateway.pass(PING_INTERVAL.plus(PING_TIMEOUT));
      awaitEnd("stopped");
    }
    assertThat(gateway.pcm("stopped")).hasSize(2000);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anUploadThatIsCutOffEndsItsConnectionAtOnce(boolean reset) throws Exception {
    Socket upload = beginUpload(raw.handshake(), "cut");
    if (reset) {
      upload.setSoLinger(true, 0);
    }
    upload.close();
    awaitEnd("cut");
    assertThat(gateway.pcm("cut")).hasSize(2000);
    await().until(() -> gateway.clients() == 0);
  }

  @Test
  void aClientThatDoesNotReadIsBlockedAndThenGivenUpAndDisturbsNobody() throws Exception {
    String other = raw.joined();
    String path = raw.handshake();
    raw.post(path, "40/streaming,{\"session_id\":\"deaf\"}");
    ConnectionProbe connection = raw.connection(path);
    String thirty = String.join("\u001e", Collections.nCopies(30, RawClient.CHUNK));
    // Never polls: 1024 answers may wait, then its posts do.
    CompletableFuture<HttpResponse<String>> last = raw.postLater(path, thirty);
    for (int posts = 1; !awaitAnsweredOrBlocked(last, connection); posts++) {
      assertThat(last.get().statusCode()).as("post %d", posts).isEqualTo(200);
      assertThat(posts).isLessThan(40);
      last = raw.postLater(path, thirty);
    }

    assertThat(raw.post(other, RawClient.CHUNK).body()).isEqualTo("ok");
    assertThat(raw.get(other).body()).isEqualTo(RawClient.RECEIVED);
    // It is pinged, its work is seen to stand still, and that ends it.
    for (int beats = 0; connection.isOpen(); beats++) {
      assertThat(beats).isLessThan(4);
      gateway.pass(PING_INTERVAL);
      raw.get(other);
      raw.post(other, "3");
    }
    assertThat(last.get().statusCode()).isIn(200, 400);
    awaitEnd("deaf");
    assertThat(raw.post(other, RawClient.CHUNK).body()).isEqualTo("ok");
  }

  private static boolean awaitAnsweredOrBlocked(
      CompletableFuture<?> post, ConnectionProbe connection) {
    await().until(() -> post.isDone() || connection.isBlocked());
    return !post.isDone();
  }

  @Test
  void aWebSocketThatReadsNothingIsBlockedAndThenGivenUp() throws Exception {
    WebSocketClient deaf =
        WebSocketClient.connectWithoutReading(gateway.server().ws(RawClient.SOCKET));
    // Each is refused with its name, until nothing more goes out and so nothing more comes in.
    String asking = "40/" + "n".repeat(120) + ",";
    CompletableFuture<Void> sending =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 1_000_000; i++) {
                deaf.send(asking);
              }
            });
    await()
        .until(
            () -> {
              gateway.pass(PING_TIMEOUT);
              return gateway.clients() == 0;
            });
    deaf.abort();
    // A million were not taken: the client was cut off before.
    assertThat(sending).failsWithin(Patience.LIMIT);
    assertThat(raw.post(raw.joined(), RawClient.CHUNK).body()).isEqualTo("ok");
  }
}
