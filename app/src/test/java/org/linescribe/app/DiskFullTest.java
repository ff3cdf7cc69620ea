package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;
import tools.jackson.databind.JsonNode;

/**
 * What clients see when the disk of the data folder is really full: the gateway runs in a mount
 * namespace of its own, where that folder is a small tmpfs.
 */
@NeedsTool(Tool.MOUNT_NAMESPACE)
class DiskFullTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String WORDS = "SIX THREE NINE ZERO";

  /** Of the recording, where the last word has just been said. */
  private static final int SPOKEN_SAMPLES = 31_000;

  @TempDir Path data;
  private ServeProcess gateway;

  @BeforeEach
  void start() throws Exception {
    gateway =
        ServeProcess.startUnder(
            List.of(
                "unshare",
                "-rm",
                "bash",
                "-c",
                "mount -t tmpfs -o size=32m tmpfs \"$0\" && exec \"$@\"",
                data.toString()),
            data,
            "--http",
            "127.0.0.1:0",
            "--sip",
            "127.0.0.1:0",
            "--rtp-ports",
            "0",
            "--set",
            "linescribe.files.directory=" + data.resolve("uploads"),
            // The disk is smaller than what the default keeps free: what is open is tested here.
            "--set",
            "linescribe.storage.min-free=0",
            "--set",
            "linescribe.session.flush-time=60s",
            "--set",
            "linescribe.api.transcribe.flush-after=1h");
    assertThat(gateway.isReady()).as(gateway.output()).isTrue();
  }

  @AfterEach
  void stop() {
    if (gateway != null) {
      gateway.close();
    }
  }

  /** The gateway's own view of its data folder. */
  private Path inside(String name) {
    return Path.of("/proc/" + gateway.pid() + "/root" + data).resolve(name);
  }

  private void fill() {
    byte[] block = new byte[4096];
    try (OutputStream filler = Files.newOutputStream(inside("filler"))) {
      for (int i = 0; i < 32 * 256; i++) {
        filler.write(block);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
      return;
    }
    throw new AssertionError("more was accepted than the disk holds");
  }

  private ApiClient client(String path) {
    return new ApiClient("ws://" + gateway.http() + path);
  }

  private static byte[] muLaw() throws IOException {
    byte[] wav = Files.readAllBytes(HumanRecording.named("pin-jackson-1.wav").file());
    short[] pcm = new short[(wav.length - 44) / 2 + 12_000];
    ByteBuffer.wrap(wav, 44, wav.length - 44)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asShortBuffer()
        .get(pcm, 0, (wav.length - 44) / 2);
    byte[] codes = new byte[pcm.length];
    G711Law.PCMU.encode(pcm, 0, pcm.length, codes, 0);
    return codes;
  }

  private HttpResponse<String> get(String path) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://" + gateway.http() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void anOpenCallIsHeardOnAndItsFinalComesWhenThereIsSpace() throws Exception {
    try (ApiClient source = client("/ws/transcribe/full?codec=pcmu")) {
      source.send(muLaw(), 160);
      source.awaitFinals(WORDS);
      fill();

      byte[] again = muLaw();
      source.send(Arrays.copyOf(again, SPOKEN_SAMPLES), 160);

      source.awaitMessage(
          "partial of what cannot be stored",
          message ->
              message.path("type").asString().equals("partial")
                  && message.path("seq").asLong() == 2
                  && !message.path("text").asString().isEmpty());
      source.send(Arrays.copyOfRange(again, SPOKEN_SAMPLES, again.length), 160);
      assertThat(get("/health/live").statusCode()).isEqualTo(200);
      Files.delete(inside("filler"));
      source.awaitFinals(WORDS + " " + WORDS);
    }
    // The embedded database had closed itself: it is opened again, and the outbox follows.
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .untilAsserted(
            () -> assertThat(get("/sessions/full/segments").statusCode()).isEqualTo(200));
  }

  @Test
  void recordingsAndUploadsAreRefusedInTheirOwnWordsAndTakenAgainWhenThereIsSpace()
      throws Exception {
    try (ApiClient audio = client("/api/ws/audio?sample_rate=8000");
        ApiClient recording = client("/socket.io/?EIO=4&transport=websocket")) {
      recording.send("40/streaming,{\"sample_rate\":8000,\"format\":\"pcm\",\"transcribe\":false}");
      recording.awaitMessage("connected", message -> event(message, "response"));
      audio.awaitMessage("greeting", message -> message.has("session_id"));
      fill();

      audio.send(new byte[64_000], 64_000);
      JsonNode refused =
          audio.awaitMessage(
              "error", message -> message.path("status").asString("").equals("error"));
      assertThat(refused.get("message").asString()).isEqualTo("Failed to process chunk");
      assertThat(audio.awaitClose()).isEqualTo(1011);

      recording.send(
          "451-/streaming,[\"audio_chunk\",{\"chunk\":{\"_placeholder\":true,\"num\":0}}]");
      recording.send(new byte[64_000], 64_000);
      assertThat(
              recording
                  .awaitMessage("error", message -> event(message, "error"))
                  .path(1)
                  .path("error")
                  .asString())
          .isEqualTo("Failed to process audio");

      assertThat(upload().statusCode()).isEqualTo(507);
      Files.delete(inside("filler"));
      assertThat(upload().statusCode()).isEqualTo(202);
    }
  }

  private static boolean event(JsonNode message, String name) {
    return message.path(0).asString("").equals(name);
  }

  private HttpResponse<String> upload() throws Exception {
    byte[] wav = Files.readAllBytes(HumanRecording.named("pin-jackson-1.wav").file());
    java.io.ByteArrayOutputStream form = new java.io.ByteArrayOutputStream();
    form.writeBytes(
        "--b\r\nContent-Disposition: form-data; name=\"audio\"; filename=\"a.wav\"\r\n\r\n"
            .getBytes());
    form.writeBytes(wav);
    form.writeBytes("\r\n--b--\r\n".getBytes());
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://" + gateway.http() + "/audio/process"))
            .header("Content-Type", "multipart/form-data; boundary=b")
            .POST(HttpRequest.BodyPublishers.ofByteArray(form.toByteArray()))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
