package org.linescribe.api.audiosessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;
import static org.linescribe.api.audiosessions.AudioSessionsServer.closeSession;
import static org.linescribe.api.audiosessions.AudioSessionsServer.stream;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.WebSocketClient;
import org.linescribe.media.format.AudioInput;
import org.linescribe.media.format.ContainerFormat;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.session.recordings.AudioShape;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.testsupport.ChildProcesses;
import tools.jackson.databind.JsonNode;

class AudioSessionsApiTest {
  private static final long SEED = 20260301;

  @TempDir static Path storage;
  @TempDir Path scratch;
  private static AudioSessionsServer gateway;

  @BeforeAll
  static void start() {
    gateway = new AudioSessionsServer(storage, Map.of());
  }

  @AfterAll
  static void stop() {
    gateway.close();
    await().until(() -> ChildProcesses.of("ffmpeg").isEmpty());
  }

  private static List<byte[]> cutAnywhere(byte[] bytes, Random random, int most) {
    List<byte[]> pieces = new ArrayList<>();
    for (int at = 0; at < bytes.length; ) {
      int length = Math.min(bytes.length - at, 1 + random.nextInt(most));
      pieces.add(Arrays.copyOfRange(bytes, at, at + length));
      at += length;
    }
    return pieces;
  }

  @Test
  void aClientThatWaitsIsToldItsSessionFirst() throws Exception {
    try (WebSocketClient client = gateway.create("?sample_rate=8000")) {
      JsonNode first = json(client.next());
      assertThat(first.get("message").asString()).isEqualTo("Session created");
      assertThat(first.get("session_id").asString()).matches("[0-9a-f-]{36}");
      assertThat(first.get("chunk_count").asLong()).isZero();
      assertThat(first.get("status").asString()).isEqualTo("active");
    }
  }

  @Test
  void aClientThatSendsAtOnceGetsTheAnswerToItsChunkFirst() throws Exception {
    // The greeting, of which it would otherwise be a race, comes much later.
    try (AudioSessionsServer slow =
            new AudioSessionsServer(
                scratch.resolve("s"), Map.of("linescribe.audio-sessions.greeting-delay", "10s"));
        WebSocketClient client = slow.create("?sample_rate=8000")) {
      client.send(new byte[320]);
      JsonNode first = json(client.next());
      assertThat(first.get("message").asString()).isEqualTo("Chunk processed successfully");
      assertThat(first.get("chunk_count").asLong()).isEqualTo(1);
      JsonNode closed = closeSession(client);
      assertThat(closed.get("status").asString()).isEqualTo("completed");
      assertThat(client.closed().code()).isEqualTo(1000);
      assertThat(client.received()).hasSize(2);
    }
  }

  @Test
  void everyAcknowledgedFrameOfRawPcmIsInAPlayableFile() throws Exception {
    Random random = new Random(SEED);
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    try (WebSocketClient client = gateway.create("?sample_rate=16000&channels=2")) {
      for (byte[] chunk : cutAnywhere(Arrays.copyOf(Sound.recording(), 60_000), random, 4000)) {
        String id = stream(client, List.of(chunk)).get("session_id").asString();
        sent.write(chunk);
        byte[] whole = Arrays.copyOf(sent.toByteArray(), sent.size() / 4 * 4);
        assertThat(Sound.pcm(gateway.file(id))).as("seed %d", SEED).isEqualTo(whole);
        assertThat(gateway.info(id).get("duration_seconds").asDouble())
            .isEqualTo(Math.round(whole.length / 4 * 1000.0 / 16000) / 1000.0);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ulaw.wav, -c:a pcm_mulaw",
    "alaw.wav, -c:a pcm_alaw",
    "s24.wav, -c:a pcm_s24le",
    "float.wav, -c:a pcm_f32le",
    "last.m4a, -c:a aac",
    "first.m4a, -c:a aac -movflags +faststart",
    "opus.webm, -c:a libopus",
    "opus.ogg, -c:a libopus",
    "a.flac, -c:a flac"
  })
  void aWholeFilePerMessageIsRecordedWhole(String name, String arguments) throws Exception {
    String[] encoder = ("-t 0.2 -ar 8000 " + arguments).split(" ");
    byte[] file = Sound.encoded(scratch, name, 1, encoder);
    try (WebSocketClient client = gateway.create("?sample_rate=8000")) {
      String id = stream(client, List.of(file, file)).get("session_id").asString();
      closeSession(client);
      // AAC and Opus add a frame of silence at most.
      assertThat(gateway.info(id).get("duration_seconds").asDouble()).isBetween(0.39, 0.56);
    }
  }

  @Test
  void aWavInTheSessionsShapeIsCopiedHoweverItIsCut() throws Exception {
    byte[] pcm = Sound.recording();
    long started = gateway.server().bean(Ffmpeg.class).started();
    for (long seed = SEED; seed < SEED + 4; seed++) {
      try (WebSocketClient client = gateway.create("?sample_rate=8000&channels=1&format=wav")) {
        int most = seed == SEED ? 7 : 5000;
        byte[] part = seed == SEED ? Arrays.copyOf(pcm, 600) : pcm;
        JsonNode last =
            stream(client, cutAnywhere(Sound.wav(part, 8000, 1), new Random(seed), most));
        String id = last.get("session_id").asString();
        assertThat(closeSession(client).get("status").asString()).isEqualTo("completed");
        assertThat(Sound.pcm(gateway.file(id))).as("seed %d", seed).isEqualTo(part);
      }
    }
    assertThat(gateway.server().bean(Ffmpeg.class).started())
        .as("no child for a copy")
        .isEqualTo(started);
  }

  @Test
  void aHeaderInEveryChunkIsNoAudio() throws Exception {
    byte[] pcm = Sound.recording();
    try (WebSocketClient client = gateway.create("?sample_rate=8000")) {
      List<byte[]> chunks =
          Sound.pieces(pcm, 16_000).stream().map(part -> Sound.wav(part, 8000, 1)).toList();
      String id = stream(client, chunks).get("session_id").asString();
      closeSession(client);
      assertThat(Sound.pcm(gateway.file(id))).isEqualTo(pcm);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "wav,44100,1,a.wav,-c:a pcm_s16le,WAV",
    "wav,48000,2,a.wav,-c:a pcm_s24le,WAV",
    "wav,8000,1,mulaw.wav,-c:a pcm_mulaw,WAV",
    "mp3,44100,1,a.mp3,-b:a 64k,MP3",
    "wav,44100,1,b.mp3,-b:a 64k,MP3",
    "mp3,16000,2,bare.mp3,-b:a 64k -id3v2_version 0 -write_xing 0,MP3",
    "wav,16000,1,bare.mp3,-b:a 64k -id3v2_version 0 -write_xing 0,MP3",
    "flac,96000,1,a.flac,-c:a flac,FLAC",
    "wav,22050,1,a.flac,-c:a flac,FLAC",
    "aac,16000,1,a.aac,-f adts,AAC",
    "wav,16000,1,a.aac,-f adts,AAC",
    "wav,48000,1,a.ogg,-ar 48000 -c:a libopus,OGG",
    "wav,48000,2,a.webm,-ar 48000 -c:a libopus,WEBM"
  })
  void everyFormatIsDecodedToTheSessionsShapeHoweverItIsCut(
      String format, int rate, int channels, String name, String arguments, ContainerFormat kind)
      throws Exception {
    byte[] encoded = Sound.encoded(scratch, name, 1, arguments.split(" "));
    byte[] expected =
        Sound.decoded(encoded, AudioInput.container(kind), new AudioShape(rate, channels));
    String query = "?format=" + format + "&sample_rate=" + rate + "&channels=" + channels;
    try (WebSocketClient client = gateway.create(query)) {
      JsonNode last = stream(client, cutAnywhere(encoded, new Random(SEED), 6000));
      String id = last.get("session_id").asString();
      assertThat(closeSession(client).get("status").asString()).isEqualTo("completed");
      byte[] pcm = Sound.pcm(gateway.file(id));
      assertThat(pcm).as("seed %d", SEED).isEqualTo(expected);
      JsonNode info = gateway.info(id);
      assertThat(info.get("duration_seconds").asDouble()).isBetween(8.0, 8.5);
      assertThat(info.get("sample_rate").asInt()).isEqualTo(rate);
      assertThat(info.get("channels").asInt()).isEqualTo(channels);
      assertThat(info.get("total_chunks").asLong()).isEqualTo(last.get("chunk_count").asLong());
    }
    assertThat(spools()).isEmpty();
  }

  private static List<Path> spools() throws Exception {
    try (var files = Files.list(storage)) {
      return files.filter(path -> path.toString().endsWith(RecordingFolder.SPOOL_SUFFIX)).toList();
    }
  }

  @Test
  void severalConnectionsAppendInTheOrderOfArrival() throws Exception {
    try (WebSocketClient first = gateway.create("?sample_rate=8000&user_id=user123")) {
      String id = json(first.next()).get("session_id").asString();
      ByteArrayOutputStream expected = new ByteArrayOutputStream();
      try (WebSocketClient second = gateway.join(id + "?user_id=user123")) {
        for (int i = 1; i <= 20; i++) {
          byte[] chunk = new byte[200];
          Arrays.fill(chunk, (byte) i);
          expected.write(chunk);
          JsonNode answer = stream(i % 3 == 0 ? first : second, List.of(chunk));
          assertThat(answer.get("chunk_count").asLong()).isEqualTo(i);
        }
        assertThat(gateway.info(id).get("connections").asInt()).isEqualTo(2);
      }
      await().until(() -> gateway.info(id).get("connections").asInt() == 1);
      assertThat(closeSession(first).get("chunk_count").asLong()).isEqualTo(20);
      assertThat(Sound.pcm(gateway.file(id))).isEqualTo(expected.toByteArray());
      assertThat(gateway.info(id).get("user_id").asString()).isEqualTo("user123");
    }
  }

  @Test
  void aClientThatGoesWithoutClosingCanComeBack() throws Exception {
    byte[] mp3 = Sound.encoded(scratch, "back.mp3", 1, "-b:a", "64k");
    byte[] once = Sound.decoded(mp3, AudioInput.auto(), new AudioShape(16_000, 1));
    String id;
    try (WebSocketClient client = gateway.create("?format=mp3&sample_rate=16000")) {
      id = stream(client, Sound.pieces(mp3, 3000)).get("session_id").asString();
      client.abort();
    }
    await().until(() -> gateway.info(id).get("connections").asInt() == 0);
    assertThat(Sound.pcm(gateway.file(id))).isEqualTo(once);
    try (WebSocketClient again = gateway.join(id)) {
      stream(again, Sound.pieces(mp3, 3000));
      closeSession(again);
    }
    byte[] twice = Arrays.copyOf(once, once.length * 2);
    System.arraycopy(once, 0, twice, once.length, once.length);
    assertThat(Sound.pcm(gateway.file(id))).isEqualTo(twice);
  }

  @Test
  void closingEndsEveryConnectionAndTellsThem() throws Exception {
    try (WebSocketClient first = gateway.create("?sample_rate=8000")) {
      String id = json(first.next()).get("session_id").asString();
      try (WebSocketClient second = gateway.join(id)) {
        stream(second, List.of(new byte[100]));
        assertThat(closeSession(second).get("status").asString()).isEqualTo("completed");
        assertThat(json(first.next()).get("message").asString()).isEqualTo("Session closed");
        assertThat(first.closed().code()).isEqualTo(1000);
      }
      try (WebSocketClient late = gateway.join(id)) {
        JsonNode refusal = json(late.next());
        assertThat(refusal.get("error").asString()).isEqualTo("Session is closed");
        assertThat(late.closed().code()).isEqualTo(1008);
      }
    }
  }

  @Test
  void httpShowsAndClosesASession() throws Exception {
    try (WebSocketClient client = gateway.create("?sample_rate=8000&channels=2&user_id=u1")) {
      String id = stream(client, List.of(new byte[8000])).get("session_id").asString();
      JsonNode info = gateway.info(id);
      assertThat(info.get("status").asString()).isEqualTo("active");
      assertThat(info.get("duration_seconds").asDouble()).isEqualTo(0.25);
      assertThat(info.get("total_chunks").asLong()).isEqualTo(1);
      assertThat(info.get("file_path").asString()).isEqualTo(gateway.file(id).toString());
      assertThat(
              json(gateway.get("/api/audio/sessions"))
                  .get("sessions")
                  .findValuesAsString("session_id"))
          .contains(id);

      HttpResponse<String> closed = gateway.postClose(id);
      assertThat(closed.statusCode()).isEqualTo(200);
      assertThat(json(closed).get("success").asBoolean()).isTrue();
      assertThat(json(closed).get("status").asString()).isEqualTo("completed");
      assertThat(json(closed).get("duration_seconds").asDouble()).isEqualTo(0.25);
      assertThat(client.closed().code()).isEqualTo(1000);

      assertThat(gateway.info(id).get("close_reason").asString()).isEqualTo("http");
      assertThat(json(gateway.postClose(id)).get("success").asBoolean()).isTrue();
      assertThat(
              json(gateway.get("/api/audio/sessions"))
                  .get("sessions")
                  .findValuesAsString("session_id"))
          .doesNotContain(id);
      assertThat(
              json(gateway.get("/api/audio/sessions?status=completed"))
                  .get("sessions")
                  .findValuesAsString("session_id"))
          .contains(id);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "your-session-uuid-here",
        "00000000-0000-7000-8000-000000000000",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd"
      })
  void anUnknownSessionIsNotFound(String id) throws Exception {
    for (HttpResponse<String> answer :
        List.of(gateway.get("/api/audio/sessions/" + id), gateway.postClose(id))) {
      assertThat(answer.statusCode()).isEqualTo(404);
      if (!id.startsWith("%")) {
        assertThat(json(answer).get("error").asString()).isEqualTo("Session not found");
        assertThat(json(answer).get("session_id").asString()).isEqualTo(id);
      }
    }
    if (!id.startsWith("%")) {
      try (WebSocketClient client = gateway.join(id)) {
        assertThat(json(client.next()).get("error").asString()).isEqualTo("Session not found");
        assertThat(client.closed().code()).isEqualTo(1008);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sample_rate=11025|Invalid sample rate|[8000,16000,22050,44100,48000,96000]",
        "sample_rate=abc|Invalid sample rate|[8000,16000,22050,44100,48000,96000]",
        "channels=3|Invalid channels|[1,2]",
        "format=ogg|Invalid format|[\"wav\",\"mp3\",\"flac\",\"aac\"]",
        "transcribe=maybe|Invalid transcribe|[true,false]"
      })
  void invalidParametersAreNamedWithWhatIsValid(String query, String error, String valid)
      throws Exception {
    try (WebSocketClient client = gateway.create("?" + query)) {
      JsonNode refusal = json(client.next());
      assertThat(refusal.get("error").asString()).isEqualTo(error);
      assertThat(refusal.get("valid_values").toString()).isEqualTo(valid);
      assertThat(client.closed().code()).isEqualTo(1008);
      assertThat(client.closed().reason()).startsWith(error);
    }
  }

  @Test
  void aWrongStatusOfTheListIsUnprocessable() throws Exception {
    assertThat(gateway.get("/api/audio/sessions?status=sleeping").statusCode()).isEqualTo(422);
  }

  @Test
  void nonsenseAsTextIsAnsweredAndDisturbsNothing() throws Exception {
    try (WebSocketClient client = gateway.create("?sample_rate=8000")) {
      String id = stream(client, List.of(new byte[100])).get("session_id").asString();
      client.send("not json");
      assertThat(json(client.next()).get("error").asString()).isEqualTo("Invalid control message");
      for (String text : List.of("{}", "[1]", "{\"type\":\"control\",\"action\":\"dance\"}", "5")) {
        client.send(text);
        assertThat(json(client.next()).get("error").asString())
            .isEqualTo("Unknown control message");
      }
      client.send(new byte[0]);
      assertThat(json(client.next()).get("chunk_count").asLong()).isEqualTo(1);
      assertThat(stream(client, List.of(new byte[100])).get("chunk_count").asLong()).isEqualTo(2);
      assertThat(gateway.info(id).get("duration_seconds").asDouble()).isEqualTo(0.013);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mp3", "flac", "aac"})
  void bytesThatAreNoAudioPutTheSessionIntoError(String format) throws Exception {
    byte[] garbage = new byte[300_000];
    new Random(SEED).nextBytes(garbage);
    try (WebSocketClient client = gateway.create("?format=" + format)) {
      JsonNode last = stream(client, Sound.pieces(garbage, 10_000));
      if (last.get("status").asString().equals("active")) {
        last = closeSession(client);
      }
      String id = last.get("session_id").asString();
      assertThat(last.get("status").asString()).isEqualTo("error");
      assertThat(gateway.info(id).get("status").asString()).isEqualTo("error");
      assertThat(gateway.info(id).get("error").asString()).contains("cannot be decoded");
      assertThat(gateway.info(id).get("error").asString()).doesNotContain(storage.toString());
    }
    assertThat(spools()).isEmpty();
  }
}
