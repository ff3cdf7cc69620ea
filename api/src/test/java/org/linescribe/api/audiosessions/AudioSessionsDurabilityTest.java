package org.linescribe.api.audiosessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;
import static org.linescribe.api.audiosessions.AudioSessionsServer.closeSession;
import static org.linescribe.api.audiosessions.AudioSessionsServer.stream;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.WebSocketClient;
import org.linescribe.media.format.AudioInput;
import org.linescribe.media.format.ContainerFormat;
import org.linescribe.session.recordings.AudioShape;
import org.linescribe.session.recordings.RecordingAudio;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.testsupport.ProcessSignal;
import tools.jackson.databind.JsonNode;

class AudioSessionsDurabilityTest {
  @TempDir Path scratch;

  private Path storage() {
    return scratch.resolve("storage");
  }

  @ParameterizedTest
  @CsvSource({
    "raw,?sample_rate=8000,WAV,a.wav,-c:a pcm_s16le",
    "same,?sample_rate=8000,WAV,a.wav,-c:a pcm_s16le",
    "wav,?sample_rate=44100,WAV,a.wav,-c:a pcm_s16le",
    "mp3,?sample_rate=16000&format=mp3,MP3,a.mp3,-b:a 64k",
    "flac,?sample_rate=8000&format=flac,FLAC,a.flac,-c:a flac",
    "aac,?sample_rate=16000&format=aac,AAC,a.aac,-f adts"
  })
  void aKilledGatewayHasLostNothingThatItAcknowledged(
      String kind, String query, ContainerFormat container, String name, String arguments)
      throws Exception {
    byte[] encoded = Sound.encoded(scratch, name, 3, arguments.split(" "));
    byte[] sent = kind.equals("raw") ? Sound.recording() : encoded;
    String id;
    Process process = startGateway();
    try {
      int port = port(process);
      try (WebSocketClient client =
          WebSocketClient.connect("ws://127.0.0.1:" + port + "/api/ws/audio" + query)) {
        // Every chunk is acknowledged, and nothing says that the stream has ended.
        id = stream(client, Sound.pieces(sent, 3000)).get("session_id").asString();
        ProcessSignal.send("KILL", process.pid());
        process.waitFor();
      }
    } finally {
      process.destroyForcibly();
    }

    Path file = storage().resolve(id + ".wav");
    byte[] asItLies = Sound.pcm(file);
    AudioShape shape =
        new AudioShape(
            query.contains("16000") ? 16_000 : query.contains("44100") ? 44_100 : 8000, 1);
    byte[] expected =
        switch (kind) {
          case "raw" -> sent;
          case "same" -> Sound.pcm(scratch.resolve(name));
          default -> Sound.decoded(encoded, AudioInput.container(container), shape);
        };
    if (kind.equals("raw") || kind.equals("same")) {
      assertThat(asItLies).as("playable and whole before any repair").isEqualTo(expected);
    } else {
      assertThat(asItLies).isEqualTo(Arrays.copyOf(expected, asItLies.length));
    }
    try (AudioSessionsServer next = new AudioSessionsServer(storage(), Map.of())) {
      // It is active again when its rest is in the file, and not before.
      await().until(() -> json(next.get("/api/audio/sessions")).get("count").asInt() == 1);
      assertThat(Sound.pcm(file)).isEqualTo(expected);
      assertThat(next.info(id).get("status").asString()).isEqualTo("active");
      try (WebSocketClient client = next.join(id)) {
        closeSession(client);
      }
      assertThat(Sound.pcm(file)).isEqualTo(expected);
      assertThat(next.info(id).get("status").asString()).isEqualTo("completed");
    }
    try (var left = Files.list(storage())) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder(id + ".wav", id + ".json");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "?sample_rate=8000,WAV,a.wav,-c:a pcm_s16le",
    "?sample_rate=8000&format=mp3,MP3,a.mp3,-b:a 64k"
  })
  void aKilledGatewayThatEncryptsHasLostNothingThatItAcknowledged(
      String query, ContainerFormat container, String name, String arguments) throws Exception {
    byte[] encoded = Sound.encoded(scratch, name, 3, arguments.split(" "));
    byte[] expected =
        Sound.decoded(encoded, AudioInput.container(container), new AudioShape(8000, 1));
    String key = Base64.getEncoder().encodeToString(new byte[32]);
    String id;
    Process process = startGateway(key);
    try (WebSocketClient client =
        WebSocketClient.connect("ws://127.0.0.1:" + port(process) + "/api/ws/audio" + query)) {
      id = stream(client, Sound.pieces(encoded, 300)).get("session_id").asString();
      ProcessSignal.send("KILL", process.pid());
      process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    assertNothingIsPlain(encoded, expected);
    EncryptedStore.KEYS.set(key);
    try (AudioSessionsServer next =
        new AudioSessionsServer(storage(), Map.of(), EncryptedStore.class)) {
      await().until(() -> json(next.get("/api/audio/sessions")).get("count").asInt() == 1);
      try (WebSocketClient client = next.join(id)) {
        closeSession(client);
      }
    }
    RecordingFolder folder =
        new RecordingFolder(
            storage(), new EncryptedStore().recordingFiles(), StorageSettings.defaults());
    RecordingAudio audio = folder.audio(id);
    ByteBuffer wav = ByteBuffer.allocate((int) audio.bytes());
    try (ReadableByteChannel in = audio.open(0, audio.bytes())) {
      while (in.read(wav) >= 0) {
        continue;
      }
    }
    assertThat(Arrays.copyOfRange(wav.array(), 44, wav.capacity())).isEqualTo(expected);
    try (var left = Files.list(storage())) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder(id + ".wav", id + ".json");
    }
  }

  /** Places all over it are nowhere in the folder. */
  private void assertNothingIsPlain(byte[]... secrets) throws Exception {
    try (var files = Files.list(storage())) {
      for (Path file : files.toList()) {
        String onDisk = Files.readString(file, StandardCharsets.ISO_8859_1);
        for (byte[] secret : secrets) {
          for (int at = 20_000; at + 16 <= secret.length; at += 1000) {
            byte[] some = Arrays.copyOfRange(secret, at, at + 16);
            // Silence is everywhere.
            if (some[0] != some[2] || some[2] != some[4]) {
              assertThat(onDisk).doesNotContain(new String(some, StandardCharsets.ISO_8859_1));
            }
          }
        }
      }
    }
  }

  /** A session of FLAC whose gateway is killed before the stream has ended: its id. */
  private String killedSession(byte[] flac) throws Exception {
    Process process = startGateway();
    try (WebSocketClient client =
        WebSocketClient.connect(
            "ws://127.0.0.1:" + port(process) + "/api/ws/audio?sample_rate=16000&format=flac")) {
      String id = stream(client, Sound.pieces(flac, 3000)).get("session_id").asString();
      ProcessSignal.send("KILL", process.pid());
      process.waitFor();
      return id;
    } finally {
      process.destroyForcibly();
    }
  }

  private static byte[] decoded(byte[] flac) throws Exception {
    return Sound.decoded(
        flac, AudioInput.container(ContainerFormat.FLAC), new AudioShape(16_000, 1));
  }

  @Test
  void aDecoderThatIsMissingAtTheNextStartLosesNothing() throws Exception {
    byte[] flac = Sound.encoded(scratch, "a.flac", 3, "-c:a", "flac");
    String id = killedSession(flac);
    Map<String, Object> none =
        Map.of("linescribe.ffmpeg.binary", scratch.resolve("none").toString());
    try (AudioSessionsServer without = new AudioSessionsServer(storage(), none);
        WebSocketClient afterRecovery = without.create("?sample_rate=8000")) {
      stream(afterRecovery, List.of(new byte[2]));
    }
    try (AudioSessionsServer next = new AudioSessionsServer(storage(), Map.of());
        WebSocketClient client = next.join(id)) {
      stream(client, List.of(flac));
      closeSession(client);
      byte[] once = decoded(flac);
      byte[] twice = Arrays.copyOf(once, 2 * once.length);
      System.arraycopy(once, 0, twice, once.length, once.length);
      assertThat(Sound.pcm(storage().resolve(id + ".wav"))).isEqualTo(twice);
    }
  }

  @Test
  void aDiskThatIsFullAtTheNextStartLosesAndDoublesNothing() throws Exception {
    byte[] flac = Sound.encoded(scratch, "a.flac", 3, "-c:a", "flac");
    byte[] expected = decoded(flac);
    String id = killedSession(flac);
    Path file = storage().resolve(id + ".wav");
    // FFmpeg holds the last frame of a stream back until it ends.
    int first = Sound.pcm(file).length;
    assertThat(first).isLessThan(expected.length);
    long rest = (expected.length - first) / 2;

    FullDisk.SPACE_FRAMES.set(rest - 1);
    try (AudioSessionsServer full = new AudioSessionsServer(storage(), Map.of(), FullDisk.class)) {
      await().until(() -> full.info(id).get("status").asString().equals("error"));
    }
    assertThat(Sound.pcm(file)).isEqualTo(Arrays.copyOf(expected, Sound.pcm(file).length));

    FullDisk.SPACE_FRAMES.set(Long.MAX_VALUE);
    try (AudioSessionsServer next = new AudioSessionsServer(storage(), Map.of());
        WebSocketClient afterRecovery = next.create("?sample_rate=8000")) {
      stream(afterRecovery, List.of(new byte[2]));
      assertThat(Sound.pcm(file)).isEqualTo(expected);
    }
  }

  @Test
  void aGatewayThatIsToldToStopWritesWhatItsDecodersHold() throws Exception {
    byte[] mp3 = Sound.encoded(scratch, "term.mp3", 2, "-b:a", "64k");
    byte[] expected = Sound.decoded(mp3, AudioInput.auto(), new AudioShape(16_000, 1));
    Process process = startGateway();
    try (WebSocketClient client =
        WebSocketClient.connect(
            "ws://127.0.0.1:" + port(process) + "/api/ws/audio?sample_rate=16000&format=mp3")) {
      String id = stream(client, Sound.pieces(mp3, 5000)).get("session_id").asString();
      ProcessSignal.send("TERM", process.pid());
      assertThat(client.closed().code()).isEqualTo(1001);
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
      assertThat(Sound.pcm(storage().resolve(id + ".wav"))).isEqualTo(expected);
      try (var left = Files.list(storage())) {
        assertThat(left.map(path -> path.getFileName().toString()))
            .containsExactlyInAnyOrder(id + ".wav", id + ".json");
      }
    } finally {
      process.destroyForcibly();
    }
  }

  private Process startGateway(String... keys) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dlinescribe.root=" + System.getProperty("linescribe.root"),
                "-cp",
                System.getProperty("java.class.path"),
                KillableGateway.class.getName(),
                storage().toString()));
    command.addAll(List.of(keys));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private static int port(Process process) throws Exception {
    BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    String line = out.readLine();
    while (line != null && !line.startsWith("port ")) {
      line = out.readLine();
    }
    assertThat(line).isNotNull();
    return Integer.parseInt(line.substring(5));
  }

  @Test
  void sessionsSurviveARestartAndGoOn() throws Exception {
    byte[] pcm = Sound.recording();
    int half = pcm.length / 4 * 2;
    String active;
    String completed;
    WebSocketClient one;
    try (AudioSessionsServer first = new AudioSessionsServer(storage(), Map.of())) {
      one = first.create("?sample_rate=8000&user_id=u7");
      active = stream(one, List.of(Arrays.copyOf(pcm, half))).get("session_id").asString();
      try (WebSocketClient two = first.create("?sample_rate=8000")) {
        completed = stream(two, List.of(new byte[1600])).get("session_id").asString();
        closeSession(two);
      }
    }
    assertThat(one.closed().code()).isEqualTo(1001);
    try (AudioSessionsServer second = new AudioSessionsServer(storage(), Map.of())) {
      JsonNode kept = second.info(completed);
      assertThat(kept.get("status").asString()).isEqualTo("completed");
      assertThat(kept.get("duration_seconds").asDouble()).isEqualTo(0.1);
      try (WebSocketClient client = second.join(active)) {
        JsonNode last = stream(client, List.of(Arrays.copyOfRange(pcm, half, pcm.length)));
        assertThat(last.get("chunk_count").asLong()).isEqualTo(2);
        closeSession(client);
      }
      assertThat(Sound.pcm(second.file(active))).isEqualTo(pcm);
      assertThat(second.info(active).get("user_id").asString()).isEqualTo("u7");
    }
  }

  @Test
  void whatADecoderHoldsIsWrittenWhenTheGatewayStops() throws Exception {
    byte[] mp3 = Sound.encoded(scratch, "stop.mp3", 2, "-b:a", "64k");
    byte[] expected = Sound.decoded(mp3, AudioInput.auto(), new AudioShape(16_000, 1));
    String id;
    try (AudioSessionsServer first = new AudioSessionsServer(storage(), Map.of())) {
      WebSocketClient client = first.create("?sample_rate=16000&format=mp3");
      id = stream(client, Sound.pieces(mp3, 5000)).get("session_id").asString();
    }
    assertThat(Sound.pcm(storage().resolve(id + ".wav"))).isEqualTo(expected);
  }

  @Test
  void aFullDiskIsToldAndHurtsNoOtherSession() throws Exception {
    FullDisk.SPACE_FRAMES.set(Long.MAX_VALUE);
    try (AudioSessionsServer gateway =
            new AudioSessionsServer(storage(), Map.of(), FullDisk.class);
        WebSocketClient other = gateway.create("?sample_rate=8000");
        WebSocketClient client = gateway.create("?sample_rate=8000");
        WebSocketClient encoded = gateway.create("?sample_rate=16000&format=mp3")) {
      String otherId = stream(other, List.of(new byte[1000])).get("session_id").asString();
      String id = stream(client, List.of(new byte[1000])).get("session_id").asString();
      FullDisk.SPACE_FRAMES.set(300);

      JsonNode refused = stream(client, List.of(new byte[1000]));

      assertThat(refused.get("message").asString()).isEqualTo("Failed to process chunk");
      assertThat(refused.get("status").asString()).isEqualTo("error");
      assertThat(refused.get("chunk_count").asLong()).isEqualTo(1);
      assertThat(refused.get("error").asString()).contains("No space left on device");
      assertThat(client.closed().code()).isEqualTo(1011);
      assertThat(gateway.info(id).get("status").asString()).isEqualTo("error");
      assertThat(Sound.pcm(gateway.file(id))).hasSize(1000);

      byte[] mp3 = Sound.encoded(scratch, "full.mp3", 4, "-b:a", "64k");
      JsonNode last = stream(encoded, Sound.pieces(mp3, 8000));
      if (last.get("status").asString().equals("active")) {
        last = closeSession(encoded);
      }
      assertThat(last.get("status").asString()).isEqualTo("error");

      FullDisk.SPACE_FRAMES.set(Long.MAX_VALUE);
      assertThat(stream(other, List.of(new byte[1000])).get("chunk_count").asLong()).isEqualTo(2);
      closeSession(other);
      assertThat(Sound.pcm(gateway.file(otherId))).hasSize(2000);
    }
  }

  @Test
  void aStorageThatCannotBeWrittenRefusesTheSession() throws Exception {
    Path occupied = Files.createFile(scratch.resolve("occupied"));
    try (AudioSessionsServer gateway = new AudioSessionsServer(occupied, Map.of());
        WebSocketClient client = gateway.create("")) {
      JsonNode refusal = json(client.next());
      assertThat(refusal.get("error").asString()).startsWith("Session creation failed");
      assertThat(refusal.toString()).doesNotContain(scratch.toString());
      assertThat(client.closed().code()).isEqualTo(1011);
      assertThat(json(gateway.get("/api/audio/sessions")).get("count").asInt()).isZero();
    }
  }
}
