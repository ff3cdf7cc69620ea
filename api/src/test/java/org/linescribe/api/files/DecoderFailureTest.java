package org.linescribe.api.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ApiServer;
import org.linescribe.api.HttpAnswers;
import org.linescribe.testsupport.ChildProcesses;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.Patience;
import org.linescribe.testsupport.ProcessSignal;
import tools.jackson.databind.JsonNode;

/** What the clients of files see when FFmpeg dies or hangs in the middle of one. */
class DecoderFailureTest {
  private static final Duration SOON = Patience.LIMIT;

  private static final HumanRecording PIN = HumanRecording.named("pin-jackson-1.wav");

  @TempDir Path folder;
  private final StuckSessions sessions = new StuckSessions();
  private ApiServer server;

  /** Of a test before; one that was killed may still be dying. */
  @BeforeEach
  void noDecoderIsLeft() {
    await().atMost(SOON).until(() -> ChildProcesses.of("ffmpeg").isEmpty());
  }

  private void start(String pollTimeout) throws IOException {
    Path uploads = Files.createDirectory(folder.resolve("uploads"));
    server =
        ApiServer.start(
            sessions,
            Map.of(
                "linescribe.files.directory",
                uploads.toString(),
                "linescribe.files.workers",
                "1",
                "linescribe.files.poll-timeout",
                pollTimeout));
  }

  @AfterEach
  void stop() {
    server.close();
    assertThat(FilesGateway.left(folder.resolve("uploads"))).isEmpty();
  }

  /** Longer than what fits into pipes and queues: its child waits for the pipeline. */
  private String submitLong(String filename) throws Exception {
    byte[] wav = PIN.wav();
    byte[] longer = java.util.Arrays.copyOf(wav, 16_000_000);
    for (int at = wav.length; at < longer.length; at += wav.length - 44) {
      System.arraycopy(wav, 44, longer, at, Math.min(wav.length - 44, longer.length - at));
    }
    java.nio.ByteBuffer.wrap(longer)
        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
        .putInt(4, longer.length - 8)
        .putInt(40, longer.length - 44);
    var response =
        new Form()
            .audio(filename, longer)
            .field("include_insights", "false")
            .post(server.http("/audio/process"));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
    return HttpAnswers.json(response).get("task_id").asString();
  }

  private JsonNode task(String id) throws Exception {
    return HttpAnswers.json(HttpAnswers.get(server.http("/audio/task/" + id)));
  }

  private StuckSessions.Stuck atWork(String filename) {
    await()
        .atMost(SOON)
        .until(() -> sessions.at(filename).isPresent() && !ChildProcesses.of("ffmpeg").isEmpty());
    return sessions.at(filename).orElseThrow();
  }

  @Test
  void aKilledDecoderFailsItsFileOnlyAndSaysSo() throws Exception {
    start("60m");
    String id = submitLong("killed.wav");
    StuckSessions.Stuck work = atWork("killed.wav");
    ProcessSignal.send("KILL", ChildProcesses.of("ffmpeg").getFirst().pid());
    work.letGo();

    await().atMost(SOON).until(() -> task(id).get("status").asString().equals("failed"));
    assertThat(task(id).get("error").asString()).isEqualTo("The file made the decoder fail");
    assertThat(work.ended).isEqualTo("failed");
    String next = submitLong("next.wav");
    atWork("next.wav").letGo();
    await().atMost(SOON).until(() -> task(next).get("status").asString().equals("completed"));
  }

  @Test
  void aHungDecoderEndsWithItsFilesTime() throws Exception {
    // Time enough to find the child and stop it, on any machine.
    start("15s");
    String id = submitLong("hung.wav");
    StuckSessions.Stuck work = atWork("hung.wav");
    ProcessSignal.send("STOP", ChildProcesses.of("ffmpeg").getFirst().pid());
    work.letGo();

    await().atMost(SOON).until(() -> task(id).get("status").asString().equals("timeout"));
    await().atMost(SOON).until(() -> ChildProcesses.of("ffmpeg").isEmpty());
    // By a stream, for which there is the default's time.
    CompletableFuture<List<JsonNode>> next =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return new Form()
                    .audio("next.wav", PIN.wav()).field("include_insights", "false").stream(
                        server.http("/audio/process-stream"));
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    await().atMost(SOON).until(() -> sessions.at("next.wav").isPresent());
    sessions.at("next.wav").orElseThrow().letGo();
    assertThat(next.get().getLast().get("status").asString()).isEqualTo("completed");
  }
}
