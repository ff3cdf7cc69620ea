package org.linescribe.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.RawWebSocket.Frame;

/** RFC 6455 on the wire, as a client sees it that nobody wrote to be kind. */
class WebSocketProtocolTest {
  private static FakeSessions sessions;
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    sessions = new FakeSessions();
    server = ApiServer.start(sessions, Map.of("linescribe.api.close-within", "1m"));
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static RawWebSocket reader(String id) throws IOException {
    RawWebSocket socket = RawWebSocket.upgrade(server.port(), "/ws/subscribe/" + id + "?wait=true");
    await().until(() -> sessions.session(id).readers() == 1);
    return socket;
  }

  /** RSV bits without an extension; a frame without a mask; a reserved opcode; a lone part. */
  @ParameterizedTest
  @ValueSource(
      strings = {"F3 81 01 02 03 04 05", "82 01 05", "83 80 00 00 00 00", "80 80 00 00 00 00"})
  void aBrokenFrameIsRefusedWith1002AndEndsTheReader(String bytes) throws IOException {
    String id = "rude-" + bytes.replace(" ", "");
    try (RawWebSocket rude = reader(id)) {
      rude.sendBytes(java.util.HexFormat.ofDelimiter(" ").parseHex(bytes));

      assertThat(rude.next().closeCode()).isEqualTo(1002);
      await().until(() -> sessions.session(id).readers() == 0);
    }
  }

  /** RFC 6455 §8.1. */
  @Test
  void textThatIsNoUtf8FailsTheConnectionWith1007() throws IOException {
    try (RawWebSocket socket = reader("no-utf8")) {
      socket.send(true, Frame.TEXT, new byte[] {'a', (byte) 0xC3, (byte) 0x28});

      assertThat(socket.next().closeCode()).isEqualTo(1007);
    }
  }

  @Test
  void aCharacterThatIsCutBetweenTwoFramesIsWhole() throws IOException {
    try (RawWebSocket socket = RawWebSocket.upgrade(server.port(), "/stt/stream")) {
      assertThat(text(socket.next())).contains("session_started");
      byte[] message =
          "{\"type\":\"keepalive\",\"note\":\"\u00e9\"}".getBytes(StandardCharsets.UTF_8);
      int cut = message.length - 3;
      socket.send(false, Frame.TEXT, java.util.Arrays.copyOf(message, cut));
      socket.send(true, 0, java.util.Arrays.copyOfRange(message, cut, message.length));

      assertThat(text(socket.next())).contains("keepalive");
    }
  }

  private static String text(Frame frame) {
    assertThat(frame.opcode()).isEqualTo(Frame.TEXT);
    return new String(frame.payload(), StandardCharsets.UTF_8);
  }

  @Test
  void aPingIsAnsweredWithItsOwnPayloadAmidTheFramesOfAMessage() throws IOException {
    try (RawWebSocket socket = reader("ping")) {
      socket.send(false, Frame.TEXT, new byte[] {'a'});
      socket.send(true, Frame.PING, new byte[] {1, 2, 3});

      Frame pong = socket.next();
      assertThat(pong.opcode()).isEqualTo(Frame.PONG);
      assertThat(pong.payload()).containsExactly(1, 2, 3);
    }
  }

  /** RFC 6455 §5.5.1, §7.1.1: one close each way, then the server ends the connection. */
  @Test
  void theCloseOfAClientIsAnsweredWithItsCodeAndTheConnectionEnds() throws IOException {
    try (RawWebSocket socket = reader("bye")) {
      socket.send(true, Frame.CLOSE, new byte[] {0x03, (byte) 0xE8});

      assertThat(socket.next().closeCode()).isEqualTo(1000);
      assertThat(socket.next()).isNull();
      await().until(() -> sessions.session("bye").readers() == 0);
    }
  }

  @Test
  void theAnswerToTheServersCloseIsNotAnsweredAgain() throws IOException {
    try (RawWebSocket socket = RawWebSocket.upgrade(server.port(), "/ws/subscribe/x?from_seq=0")) {
      assertThat(socket.next().closeCode()).isEqualTo(1008);
      socket.send(true, Frame.CLOSE, new byte[] {0x03, (byte) 0xF0});

      assertThat(socket.next()).isNull();
    }
  }

  @Test
  void whatComesAfterTheServersCloseIsNotHeard() throws IOException {
    try (RawWebSocket socket = RawWebSocket.upgrade(server.port(), "/stt/stream?sample_rate=1")) {
      assertThat(text(socket.next())).contains("sample_rate");
      assertThat(socket.next().closeCode()).isEqualTo(1008);
      socket.send(true, Frame.TEXT, "{\"type\":\"keepalive\"}".getBytes(StandardCharsets.UTF_8));
      socket.send(true, Frame.CLOSE, new byte[] {0x03, (byte) 0xF0});

      assertThat(socket.next()).isNull();
    }
  }
}
