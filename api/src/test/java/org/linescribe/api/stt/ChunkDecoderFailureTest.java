package org.linescribe.api.stt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ApiServer;
import org.linescribe.api.BundledFfmpeg;
import org.linescribe.api.FakeSessions;
import org.linescribe.testsupport.ChildProcesses;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;

/** What a client of {@code POST /stt/stream-chunk} sees when its FFmpeg dies between two chunks. */
@NeedsTool(Tool.CURL)
class ChunkDecoderFailureTest {
  @TempDir Path folder;

  private byte[] mp3() throws Exception {
    return BundledFfmpeg.encoded(
        HumanRecording.named("phone-theo-1.wav").file(),
        3,
        folder.resolve("speech.mp3"),
        "-t",
        "20",
        "-b:a",
        "64k");
  }

  private static Optional<ProcessHandle> child() {
    return ChildProcesses.of("ffmpeg").stream().findFirst();
  }

  @Test
  void aKilledDecoderCostsItsContainerAndTheSessionGoesOnWithTheNext() throws Exception {
    FakeSessions sessions = new FakeSessions();
    try (ApiServer server = ApiServer.start(sessions, Map.of())) {
      ChunkClient client = new ChunkClient(server.http("/stt/stream-chunk"), folder);
      byte[] mp3 = mp3();
      List<byte[]> parts =
          List.of(
              Arrays.copyOf(mp3, mp3.length / 2),
              Arrays.copyOfRange(mp3, mp3.length / 2, mp3.length));
      ChunkClient.Answer first =
          client.post(parts.getFirst(), "a.mp3", "session_id=killed", "sample_rate=16000");
      assertThat(first.status()).isEqualTo(200);
      String id = "session_id=" + first.text("session_id");
      ProcessHandle decoder =
          await().until(ChunkDecoderFailureTest::child, Optional::isPresent).orElseThrow();
      decoder.destroyForcibly();
      decoder.onExit().join();

      ChunkClient.Answer second = client.post(parts.getLast(), "b", id);
      long before = sessions.session(first.text("session_id")).samples();
      ChunkClient.Answer third = client.post(mp3, "c.mp3", id, "is_final_chunk=true");

      assertThat(second.status()).as(second.body().toString()).isEqualTo(503);
      assertThat(second.text("error")).isEqualTo("The decoder failed; send the container again");
      assertThat(third.status()).as(third.body().toString()).isEqualTo(200);
      assertThat(sessions.session(first.text("session_id")).samples() - before)
          .isBetween(20L * 16_000 - 2000, 20L * 16_000 + 2000);
    }
  }
}
