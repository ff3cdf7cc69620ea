package org.linescribe.api.transcribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.FakeSession;
import org.linescribe.api.WebSocketClient;

/** Where a client goes on whose connection broke with audio on its way. */
class TranscribeResumeTest {
  private static TranscribeServer api;

  @BeforeAll
  static void startServer() {
    api = new TranscribeServer();
  }

  @AfterAll
  static void stopServer() {
    api.close();
  }

  private static WebSocketClient connect(String id, long heldFrom, long sentTo) {
    return api.connect(id + "?codec=pcmu&audio_from=" + heldFrom + "&audio_sent=" + sentTo);
  }

  private static void assertGoesOnAt(long position, WebSocketClient client) throws Exception {
    assertThat(client.next()).isEqualTo("{\"type\":\"resume\",\"audio_from\":" + position + "}");
  }

  private static byte[] audio(int bytes) {
    byte[] audio = new byte[bytes];
    Arrays.fill(audio, (byte) 0xFF);
    return audio;
  }

  @Test
  void isToldTheByteAfterTheLastThatTheSessionHas() throws Exception {
    FakeSession session = api.session("resumed");
    WebSocketClient first = connect("resumed", 0, 0);
    assertGoesOnAt(0, first);
    first.send(audio(480));
    await().until(() -> session.samples() == 480);
    first.abort();

    try (WebSocketClient second = connect("resumed", 0, 800)) {
      assertGoesOnAt(480, second);
      second.send(audio(400));
      await().until(() -> session.samples() == 880);

      // A connection that is not known to be dead yet takes nothing more when the next is open.
      try (WebSocketClient third = connect("resumed", 480, 1000)) {
        assertGoesOnAt(880, third);
      }
    }
  }

  @Test
  void isBelievedWhereThisNodeHasNotCountedItsAudio() throws Exception {
    try (WebSocketClient moved = connect("moved", 0, 800)) {
      assertGoesOnAt(800, moved);
    }
    try (WebSocketClient back = connect("moved", 1600, 2400)) {
      assertGoesOnAt(2400, back);
    }
  }

  @Test
  void whatAnotherNodeTookInBetweenIsNotAskedForAgain() throws Exception {
    FakeSession session = api.session("to-and-fro");
    try (WebSocketClient first = connect("to-and-fro", 0, 0)) {
      assertGoesOnAt(0, first);
      first.send(audio(480));
      await().until(() -> session.samples() == 480);
    }
    session.movesAway();

    // All of a minute can be sent again: what was said here, and there.
    try (WebSocketClient back = connect("to-and-fro", 0, 1200)) {
      assertGoesOnAt(1200, back);
      back.send(audio(100));
      await().until(() -> session.samples() == 580);
    }
    try (WebSocketClient again = connect("to-and-fro", 0, 1400)) {
      assertGoesOnAt(1300, again);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?codec=pcmu&audio_from=1",
        "?codec=pcmu&audio_sent=1",
        "?codec=pcmu&audio_from=2&audio_sent=1",
        "?codec=pcmu&audio_from=-1&audio_sent=1",
        "?codec=pcmu&audio_from=x&audio_sent=1",
        "?audio_from=0&audio_sent=0"
      })
  void anythingElseIsRefused(String query) {
    try (WebSocketClient refused = api.connect("refused" + query)) {
      assertThat(refused.closed().code()).isEqualTo(1008);
      assertThat(refused.closed().reason()).startsWith("audio_from");
    }
  }
}
