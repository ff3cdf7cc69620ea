package org.linescribe.api.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.BundledFfmpeg;
import org.linescribe.media.codec.Pcm16;
import org.linescribe.media.format.AudioInput;
import org.linescribe.media.format.DecodeLimits;
import org.linescribe.media.format.DecodeRequest;
import org.linescribe.media.format.Ffmpeg;
import org.linescribe.media.format.FfmpegDecoder;
import org.linescribe.media.format.FfmpegSettings;
import org.linescribe.testsupport.ChildProcesses;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProcessSignal;
import org.linescribe.testsupport.Tool;

/** The document's HTTP side, by curl: force_stop and the files. */
@NeedsTool(Tool.CURL)
class SocketIoHttpTest {
  private static final Path SPEECH = HumanRecording.named("phone-theo-1.wav").file();

  @TempDir Path folder;
  private SocketIoServer gateway;

  @BeforeEach
  void start() {
    gateway = new SocketIoServer(folder, Map.of("linescribe.socketio.trust-forwarded", "true"));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private String stopUrl() {
    return gateway.server().http("/streaming/force_stop");
  }

  private NodeClient recording(byte[] audio, Map<String, Object> options) throws Exception {
    Path file = gateway.write("audio", audio);
    NodeClient client =
        gateway.client(Map.of("file", file.toString(), "then", "wait", "options", options));
    client.awaitEvents("response", 1 + (audio.length + 3199) / 3200);
    return client;
  }

  @ParameterizedTest
  @ValueSource(strings = {"header", "cookie", "query", "session"})
  void forceStopSavesTheSessionThatItIsTold(String by) throws Exception {
    byte[] audio = SocketIoServer.noise(9000, 1);
    try (NodeClient client =
        recording(audio, Map.of("auth", Map.of("session_id", "forced." + by)))) {
      String sid = client.sid();
      String[] how =
          switch (by) {
            case "header" -> new String[] {"-H", "X-Streaming-Session: " + sid, stopUrl()};
            case "cookie" -> new String[] {"-b", "other=1; streaming_sid=" + sid, stopUrl()};
            case "query" -> new String[] {stopUrl() + "?sid=" + sid};
            default -> new String[] {stopUrl() + "?sid=forced.session"};
          };
      assertThat(gateway.forceStop(how))
          .isEqualTo("{\"message\":\"Audio processing complete\"}\n200");
      assertThat(gateway.pcm("forced." + by)).isEqualTo(audio);
      assertThat(gateway.transcripts().session("forced." + by).ends())
          .containsExactly("force_stop");
      assertThat(gateway.forceStop(how)).endsWith("\n200");
    }
  }

  @Test
  void forceStopRefusesInTheDocumentsWords() throws Exception {
    String unknown = "{\"error\":\"Invalid streaming key\"}\n400";
    assertThat(gateway.forceStop(stopUrl())).isEqualTo(unknown);
    assertThat(gateway.forceStop(stopUrl() + "?sid=../../etc/passwd")).isEqualTo(unknown);
    // By WebSocket, so that its end is heard at once.
    Map<String, Object> options = Map.of("transports", List.of("websocket"));
    try (NodeClient client = gateway.client(Map.of("then", "wait", "options", options))) {
      client.awaitEvents("response", 1);
      assertThat(gateway.forceStop(stopUrl() + "?sid=" + client.sid()))
          .isEqualTo("{\"error\":\"Audio buffer is empty\"}\n400");
      client.kill();
      await().until(() -> gateway.forceStop(stopUrl() + "?sid=" + client.sid()).equals(unknown));
    }
  }

  @Test
  void audioThatCannotBeDecodedIsAFailureToBothSides() throws Exception {
    byte[] broken = SocketIoServer.noise(3000, 2);
    System.arraycopy(new byte[] {0x1a, 0x45, (byte) 0xdf, (byte) 0xa3}, 0, broken, 0, 4);
    try (NodeClient client = recording(broken, Map.of())) {
      assertThat(gateway.forceStop(stopUrl() + "?sid=" + client.sid()))
          .isEqualTo("{\"error\":\"Failed to process audio\"}\n500");
    }
    NodeClient other = gateway.record(broken, Map.of());
    assertThat(other.events("error").getFirst().toString())
        .isEqualTo("{\"error\":\"Failed to process audio\"}");
  }

  private byte[] encoded(String name, String codec) throws Exception {
    return BundledFfmpeg.encoded(SPEECH, 1, folder.resolve("speech." + name), "-c:a", codec);
  }

  private static byte[] decoded(byte[] bytes) throws Exception {
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    try (Ffmpeg ffmpeg = new Ffmpeg(FfmpegSettings.defaults(), System::nanoTime)) {
      DecodeRequest request = new DecodeRequest(AudioInput.auto(), 16_000, 1, DecodeLimits.live());
      try (FfmpegDecoder decoder =
          ffmpeg.decoder(request, pcm -> expected.write(Pcm16.bytes(pcm)))) {
        decoder.write(bytes, 0, bytes.length);
        decoder.finish();
      }
    }
    return expected.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"KILL", "STOP"})
  void aDecoderThatIsKilledOrHungIsReplacedWithoutASeam(String signal) throws Exception {
    byte[] mp3 = encoded("mp3", "libmp3lame");
    byte[] expected = decoded(mp3);
    // Of a test before; one that was killed may still be dying.
    await().until(() -> ChildProcesses.of("ffmpeg").isEmpty());
    try (NodeClient hurt = recording(mp3, Map.of())) {
      ProcessHandle decoder = ChildProcesses.of("ffmpeg").getFirst();
      ProcessSignal.send(signal, decoder.pid());

      assertThat(gateway.forceStop(stopUrl() + "?sid=" + hurt.sid()))
          .isEqualTo("{\"message\":\"Audio processing complete\"}\n200");
      assertThat(gateway.pcm(hurt.sid())).isEqualTo(expected);
      decoder.onExit().join();
    }
  }

  @Test
  void aDecoderThatIsKilledAgainAndAgainFailsItsOwnRecordingOnly() throws Exception {
    byte[] pcm = SocketIoServer.noise(9000, 1);
    await().until(() -> ChildProcesses.of("ffmpeg").isEmpty());
    AtomicBoolean killing = new AtomicBoolean(true);
    try (NodeClient hurt = recording(encoded("mp3", "libmp3lame"), Map.of());
        NodeClient other = recording(pcm, Map.of("auth", Map.of("session_id", "unhurt")))) {
      Thread killer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (killing.get()) {
                      ChildProcesses.of("ffmpeg").forEach(ProcessHandle::destroyForcibly);
                    }
                  });
      try {
        assertThat(gateway.forceStop(stopUrl() + "?sid=" + hurt.sid()))
            .isEqualTo("{\"error\":\"Failed to process audio\"}\n500");
      } finally {
        killing.set(false);
        killer.join();
      }
      assertThat(gateway.forceStop(stopUrl() + "?sid=" + other.sid()))
          .isEqualTo("{\"message\":\"Audio processing complete\"}\n200");
      assertThat(gateway.pcm("unhurt")).isEqualTo(pcm);
    }
  }

  @ParameterizedTest
  @CsvSource({"webm, libopus, WEBM", "mp3, libmp3lame, MP3", "flac, flac, FLAC"})
  void containersAreDetectedAndDecoded(String name, String codec, String container)
      throws Exception {
    byte[] bytes = encoded(name, codec);
    byte[] expected = decoded(bytes);
    NodeClient client = gateway.record(bytes, Map.of("chunkBytes", 999));
    assertThat(client.events("result_file_path")).hasSize(1);
    assertThat(gateway.pcm(client.sid())).isEqualTo(expected);
    // Two seconds at least: it is speech that was decoded, not nothing twice.
    assertThat(expected).hasSizeGreaterThan(64_000);
  }

  @Test
  void aWavFileOfAnotherRateIsConvertedAndOneOfTheSameIsKept() throws Exception {
    byte[] wav = Files.readAllBytes(SPEECH);
    NodeClient converted = gateway.record(wav, Map.of());
    NodeClient kept =
        gateway.record(
            wav, Map.of("options", Map.of("auth", Map.of("format", "wav", "sample_rate", "8000"))));
    byte[] original = SocketIoServer.pcm(SPEECH);
    assertThat(gateway.pcm(kept.sid())).isEqualTo(original);
    assertThat(gateway.pcm(converted.sid()).length)
        .isBetween(2 * original.length - 400, 2 * original.length + 400);
  }

  @Test
  void theFilesUrlIsTheOneThatTheClientOrItsProxyUsed() throws Exception {
    Map<String, Object> headers =
        Map.of(
            "extraHeaders",
            Map.of("X-Forwarded-Proto", "https", "X-Forwarded-Host", "voice.example, inner"));
    byte[] audio = new byte[3200];
    for (String transport : List.of("polling", "websocket")) {
      Map<String, Object> options = new java.util.HashMap<>(headers);
      options.put("transports", List.of(transport));
      NodeClient client = gateway.record(audio, Map.of("options", options));
      assertThat(client.events("result_file_path").getFirst().path("file_url").asString())
          .isEqualTo("https://voice.example/static/audio/" + client.sid() + ".wav");
    }
  }

  @Test
  void withoutTheSettingForwardedHeadersAreNotBelieved() throws Exception {
    try (SocketIoServer plain =
        new SocketIoServer(Files.createDirectory(folder.resolve("p")), Map.of())) {
      NodeClient client =
          plain.record(
              new byte[3200],
              Map.of(
                  "options", Map.of("extraHeaders", Map.of("X-Forwarded-Host", "evil.example"))));
      assertThat(client.events("result_file_path").getFirst().path("file_url").asString())
          .isEqualTo(plain.server().http("/static/audio/" + client.sid() + ".wav"));
    }
  }

  /** What curl got: head and body. */
  private record Fetched(List<String> head, byte[] body) {
    String status() {
      return head.getFirst();
    }

    Optional<String> header(String name) {
      return head.stream()
          .filter(line -> line.toLowerCase().startsWith(name + ": "))
          .map(line -> line.substring(name.length() + 2))
          .findFirst();
    }
  }

  private Fetched fetch(String url, String... arguments) throws Exception {
    Path head = folder.resolve("head");
    Path body = folder.resolve("body");
    Files.deleteIfExists(body);
    String[] all = Arrays.copyOf(arguments, arguments.length + 6);
    List<String> fixed = List.of("-D", head.toString(), "-o", body.toString(), "--path-as-is", url);
    for (int i = 0; i < 6; i++) {
      all[arguments.length + i] = fixed.get(i);
    }
    gateway.curl(all);
    return new Fetched(
        Files.readAllLines(head), Files.exists(body) ? Files.readAllBytes(body) : new byte[0]);
  }

  @Test
  void filesAreServedWholeAndInRanges() throws Exception {
    byte[] audio = SocketIoServer.noise(50_000, 7);
    String sid = gateway.record(audio, Map.of()).sid();
    byte[] file = Files.readAllBytes(gateway.file(sid));
    String url = gateway.server().http("/static/audio/" + sid + ".wav");

    Fetched whole = fetch(url);
    assertThat(whole.status()).startsWith("HTTP/1.1 200");
    assertThat(whole.body()).isEqualTo(file).hasSize(50_044);
    assertThat(whole.header("content-type")).contains("audio/wav");
    assertThat(whole.header("accept-ranges")).contains("bytes");
    String tag = whole.header("etag").orElseThrow();
    String modified = whole.header("last-modified").orElseThrow();

    Fetched head = fetch(url, "-I");
    assertThat(head.status()).startsWith("HTTP/1.1 200");
    assertThat(head.header("content-length")).contains("50044");
    assertThat(head.header("etag")).contains(tag);

    Fetched middle = fetch(url, "-r", "100-199");
    assertThat(middle.status()).startsWith("HTTP/1.1 206");
    assertThat(middle.header("content-range")).contains("bytes 100-199/50044");
    assertThat(middle.body()).isEqualTo(Arrays.copyOfRange(file, 100, 200));
    assertThat(fetch(url, "-r", "-44").body()).isEqualTo(Arrays.copyOfRange(file, 50_000, 50_044));
    assertThat(fetch(url, "-r", "50000-99999").header("content-range"))
        .contains("bytes 50000-50043/50044");

    assertThat(fetch(url, "-r", "-60000").header("content-range")).contains("bytes 0-50043/50044");
    assertThat(fetch(url, "-H", "Range: bytes=-0").status()).startsWith("HTTP/1.1 416");
    assertThat(fetch(url, "-H", "Range: bytes=5-2").status()).startsWith("HTTP/1.1 200");

    Fetched beyond = fetch(url, "-r", "50044-");
    assertThat(beyond.status()).startsWith("HTTP/1.1 416");
    assertThat(beyond.header("content-range")).contains("bytes */50044");

    assertThat(fetch(url, "-H", "Range: lines=1-2").status()).startsWith("HTTP/1.1 200");
    assertThat(fetch(url, "-r", "0-1,5-6").body()).isEqualTo(file);
    assertThat(fetch(url, "-r", "0-9", "-H", "If-Range: " + tag).status())
        .startsWith("HTTP/1.1 206");
    assertThat(fetch(url, "-r", "0-9", "-H", "If-Range: \"old\"").status())
        .startsWith("HTTP/1.1 200");
    assertThat(fetch(url, "-H", "If-None-Match: " + tag).status()).startsWith("HTTP/1.1 304");
    assertThat(fetch(url, "-H", "If-Modified-Since: " + modified).status())
        .startsWith("HTTP/1.1 304");
  }

  @Test
  void noPathLeadsOutOfTheFolder() throws Exception {
    Files.writeString(folder.resolve("secret.wav"), "secret");
    for (String path :
        List.of(
            "/static/audio/../secret.wav",
            "/static/audio/..%2fsecret.wav",
            "/static/audio/%2e%2e%2fsecret.wav",
            "/static/audio/..%5csecret.wav",
            "/static/audio/....//secret.wav",
            "/static/audio/..;/secret.wav",
            "/static/audio/" + folder.resolve("secret.wav"),
            "/static/audio/%00.wav",
            "/static/audio/.wav",
            "/static/audio/" + "a".repeat(20) + ".wav")) {
      Fetched answer = fetch(gateway.server().http(path));
      assertThat(answer.status()).as(path).matches("HTTP/1.1 40[04].*");
      assertThat(new String(answer.body())).as(path).doesNotContain("secret");
    }
  }
}
