package org.linescribe.api.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.BundledFfmpeg;
import org.linescribe.testsupport.HumanRecording;
import tools.jackson.databind.JsonNode;

/** The document's events, with the client that its readers use. */
class SocketIoRecordingTest {
  @TempDir Path folder;
  private SocketIoServer gateway;

  @BeforeEach
  void start() {
    gateway = new SocketIoServer(folder, Map.of());
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private static Map<String, Object> options(String transports) {
    return switch (transports) {
      case "default" -> Map.of();
      default -> Map.of("transports", List.of(transports));
    };
  }

  @ParameterizedTest
  @CsvSource({
    "default, false, polling",
    "default, true, polling",
    "polling, false, polling",
    "polling, true, polling",
    "websocket, false, websocket",
    "websocket, true, websocket"
  })
  void everyTransportBringsEveryByteIntoTheFile(String transports, boolean bare, String first)
      throws Exception {
    byte[] audio = SocketIoServer.noise(200_000, 1);
    NodeClient client =
        gateway.record(
            audio,
            Map.of(
                "options",
                options(transports),
                "bare",
                bare,
                "chunkBytes",
                3201,
                "awaitUpgrade",
                transports.equals("default")));

    String sid = client.sid();
    assertThat(client.awaitLine("connect").path("first").asString()).isEqualTo(first);
    assertThat(client.lines().stream().anyMatch(line -> line.has("upgrade")))
        .isEqualTo(transports.equals("default"));
    List<String> messages =
        client.events("response").stream().map(e -> e.path("message").asString()).toList();
    assertThat(messages).hasSize(1 + 63).startsWith("Connected to server");
    assertThat(messages.subList(1, 64)).containsOnly("received chunk");
    assertThat(client.events("result_file_path").getFirst().toString())
        .isEqualTo(
            "{\"streaming_id\":\"%s\",\"message\":\"Disconnected from server\",\"file_url\":\"%s\"}"
                .formatted(sid, gateway.server().http("/static/audio/" + sid + ".wav")));
    assertThat(gateway.pcm(sid)).isEqualTo(audio);
    assertThat(gateway.file(sid).getFileName()).hasToString(sid + ".wav");
  }

  @Test
  void bytesStayInOrderWhileTheTransportChanges() throws Exception {
    for (int pace = 0; pace < 6; pace++) {
      byte[] audio = SocketIoServer.noise(60_000, pace);
      NodeClient client = gateway.record(audio, Map.of("chunkBytes", 1000, "paceMs", pace));
      assertThat(gateway.pcm(client.sid())).isEqualTo(audio);
    }
  }

  @Test
  void chunksAfterTheUpgradeArriveByWebSocket() throws Exception {
    byte[] audio = SocketIoServer.noise(30_000, 9);
    NodeClient client = gateway.record(audio, Map.of("sendAfterUpgrade", true));
    assertThat(client.awaitLine("upgrade").path("upgrade").asString()).isEqualTo("websocket");
    assertThat(gateway.pcm(client.sid())).isEqualTo(audio);
  }

  @Test
  void aLawAndMuLawAreRecordedAsPcmAtEightKilohertz() throws Exception {
    byte[] codes = new byte[256];
    for (int i = 0; i < 256; i++) {
      codes[i] = (byte) i;
    }
    NodeClient client =
        gateway.record(codes, Map.of("options", Map.of("auth", Map.of("format", "alaw"))));
    byte[] pcm = gateway.pcm(client.sid());
    assertThat(pcm).hasSize(512);
    // ITU-T G.711: A-law 0xD5 is the smallest positive value, 8 of 16 bit.
    assertThat((pcm[2 * 0xD5] & 0xFF) | pcm[2 * 0xD5 + 1] << 8).isEqualTo(8);
    assertThat(gateway.transcripts().session(client.sid()).request().legs().getFirst())
        .extracting("sampleRateHz")
        .isEqualTo(8000);
  }

  @ParameterizedTest
  @CsvSource({
    "ulaw.wav, -c:a pcm_mulaw",
    "alaw.wav, -c:a pcm_alaw",
    "u8.wav, -c:a pcm_u8",
    "s24.wav, -c:a pcm_s24le",
    "s32.wav, -c:a pcm_s32le",
    "float.wav, -c:a pcm_f32le",
    "adpcm.wav, -c:a adpcm_ima_wav",
    "last.m4a, -c:a aac",
    "first.m4a, -c:a aac -movflags +faststart"
  })
  void aWholeFilePerMessageIsRecordedWhole(String name, String arguments) throws Exception {
    Path recording = HumanRecording.named("phone-theo-1.wav").file();
    String[] encoder = ("-t 0.2 -ar 8000 " + arguments).split(" ");
    byte[] file = BundledFfmpeg.encoded(recording, 1, folder.resolve(name), encoder);
    byte[] twice = Arrays.copyOf(file, 2 * file.length);
    System.arraycopy(file, 0, twice, file.length, file.length);

    NodeClient client =
        gateway.record(
            twice,
            Map.of(
                "chunkBytes",
                file.length,
                "options",
                Map.of("auth", Map.of("sample_rate", 8000), "transports", List.of("websocket"))));

    assertThat(client.events("response")).hasSize(1 + 2);
    // AAC and ADPCM add a frame of silence at most.
    assertThat(gateway.pcm(client.sid()).length / 2 / 8000.0).isBetween(0.39, 0.56);
  }

  @Test
  void aClientThatVanishesLeavesItsFile() throws Exception {
    byte[] audio = SocketIoServer.noise(64_000, 2);
    // By WebSocket its end is heard at once; one that polls is missed after a ping's time only.
    NodeClient client =
        gateway.record(audio, Map.of("then", "vanish", "options", options("websocket")));
    String sid = client.sid();
    await().until(() -> gateway.transcripts().session(sid).ends().contains("disconnect"));
    assertThat(gateway.pcm(sid)).isEqualTo(audio);
  }

  @Test
  void aClientThatReconnectsGoesOnWithItsRecordingByItsSessionId() throws Exception {
    byte[] audio = SocketIoServer.noise(64_000, 3);
    Map<String, Object> auth = Map.of("session_id", "call-7", "sample_rate", 8000);
    NodeClient first =
        gateway.record(audio, Map.of("options", Map.of("auth", auth), "then", "reconnect"));
    assertThat(first.lines().stream().filter(line -> line.has("connect"))).hasSize(2);
    JsonNode result = first.events("result_file_path").getFirst();
    assertThat(result.path("streaming_id").asString()).isEqualTo("call-7");
    assertThat(result.path("file_url").asString()).endsWith("/static/audio/call-7.wav");
    assertThat(gateway.pcm("call-7")).isEqualTo(audio);
    assertThat(gateway.file("call-7").getFileName().toString()).startsWith("session-");

    byte[] more = SocketIoServer.noise(10_000, 4);
    gateway.record(more, Map.of("options", Map.of("auth", auth)));
    assertThat(gateway.pcm("call-7")).startsWith(audio).endsWith(more).hasSize(74_000);
  }

  @Test
  void aSessionIdWithAnotherRateIsRefused() throws Exception {
    byte[] audio = SocketIoServer.noise(3200, 3);
    gateway.record(
        audio, Map.of("options", Map.of("auth", Map.of("session_id", "c", "sample_rate", 8000))));
    try (NodeClient client =
        gateway.client(Map.of("options", Map.of("auth", Map.of("session_id", "c"))))) {
      assertThat(client.finish().awaitLine("connect_error").path("connect_error").asString())
          .isEqualTo("session_id: its recording has 8000 Hz and 1 channels");
    }
    assertThat(gateway.pcm("c")).isEqualTo(audio);
  }

  @Test
  void theNewestClientOfASessionIdHasIt() throws Exception {
    Map<String, Object> options = Map.of("auth", Map.of("session_id", "one"));
    byte[] audio = SocketIoServer.noise(3200, 5);
    Path file = gateway.write("a", audio);
    try (NodeClient older =
        gateway.client(Map.of("options", options, "file", file.toString(), "then", "wait"))) {
      older.awaitEvents("response", 2);
      gateway.record(audio, Map.of("options", options));
      assertThat(older.awaitEvent("error").path("error").asString())
          .isEqualTo("Superseded by a newer client");
      assertThat(older.finish().awaitLine("disconnect").path("disconnect").asString())
          .isEqualTo("io server disconnect");
    }
    assertThat(gateway.pcm("one")).hasSize(6400);
  }

  @Test
  void transcriptsAreEmittedAsTheyCome() throws Exception {
    byte[] audio = SocketIoServer.noise(6400, 6);
    Path file = gateway.write("a", audio);
    try (NodeClient client = gateway.client(Map.of("file", file.toString(), "then", "wait"))) {
      client.awaitEvents("response", 3);
      var session = gateway.transcripts().session(client.sid());
      assertThat(session.request().kind()).isEqualTo("socketio");
      assertThat(session.samples()).isEqualTo(3200);
      session.hears("SIX");
      client.awaitEvents("transcript", 1);
      session.ends("SIX FIVE");
      client.awaitEvents("transcript", 2);
      List<JsonNode> events = client.events("transcript");
      assertThat(events.get(0).path("type").asString()).isEqualTo("partial");
      assertThat(events.get(0).path("text").asString()).isEqualTo("SIX");
      assertThat(events.get(1).path("type").asString()).isEqualTo("final");
      assertThat(events.get(1).path("text").asString()).isEqualTo("SIX FIVE");
      assertThat(events.get(1).path("seq").asLong()).isEqualTo(1);
      assertThat(events.get(1).path("session_id").asString()).isEqualTo(client.sid());
    }
  }

  @Test
  void stoppingTheGatewaySavesEveryRecording() throws Exception {
    byte[] audio = SocketIoServer.noise(9600, 5);
    String sid;
    Path file;
    try (NodeClient client =
        gateway.client(Map.of("file", gateway.write("a", audio).toString(), "then", "wait"))) {
      client.awaitEvents("response", 4);
      sid = client.sid();
      file = gateway.file(sid);
      gateway.close();
      assertThat(client.awaitLine("disconnect").path("disconnect").asString())
          .isEqualTo("transport close");
      assertThat(gateway.transcripts().session(sid).ends()).containsExactly("disconnect");
    }
    assertThat(SocketIoServer.pcm(file)).isEqualTo(audio);
  }

  @Test
  void stoppingWithoutAudioIsAnErrorInTheDocumentsWords() throws Exception {
    try (NodeClient client = gateway.client(Map.of("then", "stop"))) {
      assertThat(client.finish().awaitEvent("error").toString())
          .isEqualTo("{\"error\":\"Audio buffer is empty\"}");
      assertThat(Files.exists(gateway.file(client.sid()))).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "format, vinyl, 'format: expected auto, pcm16, mulaw, alaw, wav, webm, ogg, mp3, flac, aac or"
        + " m4a'",
    "sample_rate, 7, 'sample_rate: expected one of [8000, 11025, 12000, 16000, 22050, 24000, 32000,"
        + " 44100, 48000, 96000]'",
    "channels, 3, 'channels: expected one of [1, 2]'",
    "session_id, ../etc, 'session_id: expected 1 to 128 of A-Z a-z 0-9 . _ ~ - + ! @ :, not only"
        + " dots'"
  })
  void whatCannotBeGivenIsRefusedWithTheReason(String name, String value, String message)
      throws Exception {
    try (NodeClient client =
        gateway.client(Map.of("options", Map.of("query", Map.of(name, value))))) {
      assertThat(client.finish().awaitLine("connect_error").path("connect_error").asString())
          .isEqualTo(message);
    }
  }
}
