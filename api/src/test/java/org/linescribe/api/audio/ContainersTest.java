package org.linescribe.api.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.BundledFfmpeg;
import org.linescribe.api.FakeSession;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.WebSocketClient;
import org.linescribe.api.stt.ChunkClient;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;

/**
 * A container on a route for live audio is decoded where the route can, and refused elsewhere:
 * taken for raw audio it would become invented words.
 */
class ContainersTest {
  @TempDir private static Path folder;
  private static FakeSessions sessions;
  private static ApiServer server;

  /** Two seconds of speech, as FFmpeg writes them. */
  private enum Container {
    WEBM("webm", "-c:a libopus"),
    OGG("ogg", "-c:a libopus"),
    FLAC("flac", "-ar 48000"),
    MP3("mp3", "-ar 44100"),
    MP3_WITHOUT_TAG("mp3", "-ar 22050 -write_xing 0 -id3v2_version 0"),
    M4A("m4a", "-c:a aac"),
    FRAGMENTED_MP4("mp4", "-c:a aac -movflags +frag_keyframe+empty_moov"),
    ADTS("aac", "-c:a aac -f adts"),
    WAV_OF_ANOTHER_RATE("wav", "-ar 44100 -ac 2"),
    WAV_OF_G711("wav", "-ar 16000 -c:a pcm_mulaw"),
    RF64("wav", "-ar 16000 -rf64 always"),
    WAVE64("w64", "-ar 16000"),
    AIFF("aiff", "-ar 16000"),
    AU("au", "-ar 16000"),
    CAF("caf", "-ar 16000");

    private final String suffix;
    private final String arguments;

    Container(String suffix, String arguments) {
      this.suffix = suffix;
      this.arguments = arguments;
    }

    byte[] file() throws Exception {
      Path file = folder.resolve(name() + "." + suffix);
      if (Files.exists(file)) {
        return Files.readAllBytes(file);
      }
      List<String> all = new ArrayList<>(List.of("-t", "2"));
      all.addAll(List.of(arguments.split(" ")));
      Path speech = HumanRecording.named("phone-theo-1.wav").file();
      return BundledFfmpeg.encoded(speech, 1, file, all.toArray(String[]::new));
    }
  }

  @BeforeAll
  static void startServer() {
    sessions = new FakeSessions();
    server = ApiServer.start(sessions, Map.of());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  /** The first piece is shorter than any signature. */
  private static List<byte[]> pieces(byte[] file, int bytes) {
    List<byte[]> pieces = new ArrayList<>(List.of(Arrays.copyOf(file, 3)));
    for (int at = 3; at < file.length; at += bytes) {
      pieces.add(Arrays.copyOfRange(file, at, Math.min(file.length, at + bytes)));
    }
    return pieces;
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** The recording's own sound, of which these two seconds cross zero 7292 times. */
  private static void assertHeard(FakeSession session) {
    await().untilAsserted(() -> assertThat(session.samples()).isBetween(31_000, 35_000));
    short[] pcm = session.audio();
    int crossings = 0;
    for (int i = 1; i < pcm.length; i++) {
      crossings += pcm[i - 1] < 0 != pcm[i] < 0 ? 1 : 0;
    }
    assertThat(crossings).isBetween(7000, 7800);
  }

  private static void speechToText(byte[] file, String id) {
    try (WebSocketClient client =
        WebSocketClient.connect(server.ws("/stt/stream?sample_rate=16000&session_id=" + id))) {
      pieces(file, 1000).forEach(client::send);
      client.send("{\"type\":\"end\"}");
      assertThat(client.closed().code()).isEqualTo(1000);
    }
  }

  private static void chunks(byte[] file, String id) throws Exception {
    ChunkClient client =
        new ChunkClient(
            server.http("/stt/stream-chunk"), Files.createDirectories(folder.resolve(id)));
    List<byte[]> pieces = pieces(file, file.length / 3 + 1);
    for (int i = 0; i < pieces.size(); i++) {
      String last = "is_final_chunk=" + (i == pieces.size() - 1);
      ChunkClient.Answer answer = client.post(pieces.get(i), "blob", "session_id=" + id, last);
      assertThat(answer.status()).as("%s", answer.body()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isDecodedBySpeechToText(Container container) throws Exception {
    String id = "stt-" + container;
    speechToText(container.file(), id);
    assertHeard(sessions.session(id));
  }

  @NeedsTool(Tool.CURL)
  @ParameterizedTest
  @EnumSource
  void isDecodedInChunks(Container container) throws Exception {
    String id = "chunk-" + container;
    chunks(container.file(), id);
    assertHeard(sessions.session(id));
  }

  /** Of what writes to a pipe, and of what was cut off. */
  @NeedsTool(Tool.CURL)
  @ParameterizedTest
  @ValueSource(ints = {0, 36, 4088, -1})
  void wavWhoseRiffSizeIsWrongIsDecoded(int size) throws Exception {
    byte[] file = Container.WAV_OF_ANOTHER_RATE.file();
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(4, size);
    speechToText(file, "riff-stream" + size);
    assertHeard(sessions.session("riff-stream" + size));
    chunks(file, "riff-chunk" + size);
    assertHeard(sessions.session("riff-chunk" + size));
  }

  @ParameterizedTest
  @EnumSource
  void isNoG711(Container container) throws Exception {
    for (String codec : List.of("auto", "pcma")) {
      String id = "transcribe-" + codec + "-" + container;
      try (WebSocketClient client =
          WebSocketClient.connect(server.ws("/ws/transcribe/" + id + "?codec=" + codec))) {
        pieces(container.file(), 1000).forEach(client::send);
      }
      FakeSession session = sessions.session(id);
      await().until(() -> !session.ends().isEmpty());
      assertThat(session.samples()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"WEBM", "MP3_WITHOUT_TAG", "WAV_OF_ANOTHER_RATE"})
  void isDecodedByVosksAndDeepgramsProtocols(Container container) throws Exception {
    byte[] file = container.file();
    for (String address :
        List.of(
            "/vosk?session_id=vosk-" + container,
            "/v1/listen?session_id=listen-" + container,
            "/v1/listen?encoding=linear16&sample_rate=16000&session_id=linear-" + container)) {
      boolean vosk = address.startsWith("/vosk");
      try (WebSocketClient client = WebSocketClient.connect(server.ws(address))) {
        if (vosk) {
          client.send("{\"config\":{\"sample_rate\":16000}}");
        }
        pieces(file, 1000).forEach(client::send);
        client.send(vosk ? "{\"eof\":1}" : "{\"type\":\"CloseStream\"}");
        assertThat(client.closed().code()).as(address).isEqualTo(1000);
      }
      assertHeard(sessions.session(address.substring(address.lastIndexOf('=') + 1)));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"WEBM", "MP3_WITHOUT_TAG", "WAV_OF_ANOTHER_RATE"})
  void isDecodedWherePcmIsAnnounced(Container container) throws Exception {
    String realtime = "realtime-" + container;
    try (WebSocketClient client =
        WebSocketClient.connect(server.ws("/v1/realtime?session_id=" + realtime))) {
      for (byte[] piece : pieces(container.file(), 1000)) {
        client.send("{\"type\":\"input_audio_buffer.append\",\"audio\":\"" + base64(piece) + "\"}");
      }
    }
    assertHeard(sessions.session(realtime));
    String forked = "forked-" + container;
    try (WebSocketClient client =
        WebSocketClient.connect(server.ws("/ws/media-streams/" + forked))) {
      client.send(start("audio/x-l16", 16_000));
      for (byte[] piece : pieces(container.file(), 1000)) {
        client.send(media(piece));
      }
      client.send("{\"event\":\"stop\"}");
      assertThat(client.closed().code()).isEqualTo(1000);
    }
    assertHeard(sessions.session(forked));
  }

  private static String start(String encoding, int rateHz) {
    return """
    {"event":"start","start":{"streamSid":"MZ1","tracks":["inbound"],"mediaFormat":{"encoding":"%s",
    "sampleRate":%d,"channels":1}}}
    """
        .formatted(encoding, rateHz);
  }

  private static String media(byte[] bytes) {
    return "{\"event\":\"media\",\"media\":{\"track\":\"inbound\",\"payload\":\"%s\"}}"
        .formatted(base64(bytes));
  }

  /** What is announced as G.711 is decoded as nothing else. */
  @ParameterizedTest
  @CsvSource({"WEBM", "MP3_WITHOUT_TAG", "WAV_OF_ANOTHER_RATE", "FLAC"})
  void isRefusedWhereG711IsAnnounced(Container container) throws Exception {
    String listen = "law-listen-" + container;
    try (WebSocketClient client =
        WebSocketClient.connect(
            server.ws("/v1/listen?encoding=mulaw&sample_rate=8000&session_id=" + listen))) {
      client.send(Arrays.copyOf(container.file(), 3));
      client.send(Arrays.copyOfRange(container.file(), 3, container.file().length));
      assertThat(client.closed().code()).isEqualTo(1008);
    }
    assertThat(sessions.session(listen).samples()).isZero();
    String forked = "law-forked-" + container;
    try (WebSocketClient client =
        WebSocketClient.connect(server.ws("/ws/media-streams/" + forked))) {
      client.send(start("audio/x-mulaw", 8000));
      client.send(media(container.file()));
      assertThat(client.closed().code()).isEqualTo(1008);
    }
    assertThat(sessions.session(forked).samples()).isZero();
  }

  /** Bytes that may begin a container wait for the next ones, and are audio at the end. */
  @Test
  void audioThatOnlyLooksLikeOneIsHeardWhole() {
    String id = "law-looks-like";
    try (WebSocketClient client =
        WebSocketClient.connect(
            server.ws("/v1/listen?encoding=mulaw&sample_rate=8000&session_id=" + id))) {
      client.send(new byte[] {'R', 'I', 'F'});
      client.send("{\"type\":\"CloseStream\"}");
      assertThat(client.closed().code()).isEqualTo(1000);
    }
    assertThat(sessions.session(id).samples()).isEqualTo(3);
  }
}
