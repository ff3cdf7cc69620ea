package org.linescribe.api.audiosessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.audiosessions.AudioSessionsServer.closeSession;
import static org.linescribe.api.audiosessions.AudioSessionsServer.stream;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.WebSocketClient;
import org.linescribe.media.format.AudioInput;
import org.linescribe.session.recordings.AudioShape;
import org.linescribe.testsupport.ChildProcesses;
import org.linescribe.testsupport.ProcessSignal;
import tools.jackson.databind.JsonNode;

/** What a session's clients see when FFmpeg dies or hangs. */
class SessionDecoderFailureTest {
  @TempDir Path scratch;

  /** Of a test before; one that was killed may still be dying. */
  @BeforeEach
  void noDecoderIsLeft() {
    await().until(() -> ChildProcesses.of("ffmpeg").isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"KILL", "STOP"})
  void aKilledOrHungDecoderIsReplacedWithoutASeam(String signal) throws Exception {
    try (AudioSessionsServer impatient =
        new AudioSessionsServer(
            scratch.resolve("s"), Map.of("linescribe.audio-sessions.decoder-stall", "10s"))) {
      byte[] mp3 = Sound.encoded(scratch, "seam.mp3", 8, "-b:a", "128k");
      byte[] expected = Sound.decoded(mp3, AudioInput.auto(), new AudioShape(44_100, 1));
      List<byte[]> chunks = Sound.pieces(mp3, 8000);
      try (WebSocketClient client = impatient.create("?format=mp3")) {
        int half = chunks.size() / 2;
        String id = stream(client, chunks.subList(0, half)).get("session_id").asString();
        await().until(() -> impatient.info(id).get("duration_seconds").asDouble() > 10);
        ProcessSignal.send(signal, ChildProcesses.of("ffmpeg").getFirst().pid());
        JsonNode last = stream(client, chunks.subList(half, chunks.size()));
        assertThat(last.get("status").asString()).isEqualTo("active");
        assertThat(closeSession(client).get("status").asString()).isEqualTo("completed");
        assertThat(Sound.pcm(impatient.file(id))).isEqualTo(expected);
      }
    }
  }

  @Test
  void aDecoderThatIsKilledAgainAndAgainEndsItsSessionOnly() throws Exception {
    byte[] mp3 = Sound.encoded(scratch, "again.mp3", 40, "-b:a", "128k");
    try (AudioSessionsServer gateway = new AudioSessionsServer(scratch.resolve("s"), Map.of());
        WebSocketClient other = gateway.create("?sample_rate=8000");
        WebSocketClient client = gateway.create("?format=mp3")) {
      JsonNode last = stream(client, List.of(Arrays.copyOf(mp3, 60_000)));
      for (int at = 60_000; last.get("status").asString().equals("active"); at += 60_000) {
        ChildProcesses.of("ffmpeg").forEach(ProcessHandle::destroyForcibly);
        last = stream(client, List.of(Arrays.copyOfRange(mp3, at, at + 60_000)));
      }
      assertThat(last.get("message").asString()).isEqualTo("Failed to process chunk");
      assertThat(last.get("status").asString()).isEqualTo("error");
      assertThat(client.closed().code()).isEqualTo(1011);
      assertThat(stream(other, List.of(new byte[100])).get("status").asString())
          .isEqualTo("active");
    }
  }
}
