package org.linescribe.api.stt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
import org.linescribe.api.ApiServer;
import org.linescribe.api.BundledFfmpeg;
import org.linescribe.api.FakeSession;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.WebSocketClient;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;

/** Containers on both ways of the API, the WebSocket and the chunks over HTTP. */
class SttContainersTest {
  private static final String LAST = "is_final_chunk=true";

  @TempDir private static Path folder;
  private static FakeSessions sessions;
  private static ApiServer server;
  private static ChunkClient client;

  @BeforeAll
  static void startServer() {
    sessions = new FakeSessions();
    server = ApiServer.start(sessions, Map.of("linescribe.stt.max-chunk", "2MB"));
    client = new ChunkClient(server.http("/stt/stream-chunk"), folder);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  /** Connects with an id and takes the first message. */
  private static WebSocketClient started(String id, String query) throws InterruptedException {
    WebSocketClient client =
        WebSocketClient.connect(server.ws("/stt/stream?session_id=" + id + query));
    assertThat(json(client.next()).get("type").asString()).isEqualTo("session_started");
    return client;
  }

  private static byte[] pcm(int samples) {
    byte[] bytes = new byte[2 * samples];
    new Random(samples).nextBytes(bytes);
    return bytes;
  }

  /** Two seconds of speech in a container. */
  private static byte[] speech(String suffix, String... arguments)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("-t", "2"));
    all.addAll(List.of(arguments));
    return BundledFfmpeg.encoded(
        HumanRecording.named("phone-theo-1.wav").file(),
        1,
        folder.resolve("speech-" + System.nanoTime() + "." + suffix),
        all.toArray(String[]::new));
  }

  /** Zero crossings: these two seconds of the recording have 7292. */
  private static int crossings(short[] pcm) {
    int crossings = 0;
    for (int i = 1; i < pcm.length; i++) {
      crossings += pcm[i - 1] < 0 != pcm[i] < 0 ? 1 : 0;
    }
    return crossings;
  }

  @ParameterizedTest
  @CsvSource({
    "a.webm, -c:a libopus",
    "a.mp3, -ar 22050",
    "a.wav, -ar 44100 -ac 2",
    "b.wav, -c:a pcm_mulaw -ar 8000",
    "a.ogg, -c:a libopus",
    "a.flac, -ar 48000",
    "a.m4a, -c:a aac"
  })
  void decodesContainersInsteadOfTakingThemForPcm(String name, String arguments) throws Exception {
    byte[] file = speech(name.replaceFirst(".*[.]", ""), arguments.split(" "));
    FakeSession session = sessions.session("container-" + name);
    try (WebSocketClient client = started("container-" + name, "&sample_rate=16000")) {
      client.send(Arrays.copyOf(file, 3));
      for (int at = 3; at < file.length; at += 1000) {
        client.send(Arrays.copyOfRange(file, at, Math.min(file.length, at + 1000)));
      }
      client.send("{\"type\":\"end\"}");
      assertThat(client.closed().code()).isEqualTo(1000);
    }
    assertThat(session.samples()).isBetween(31_000, 35_000);
    assertThat(crossings(session.audio())).isBetween(7100, 7500);
  }

  @Test
  void keepsWhatAContainerHeldWhenItsClientGoes() throws Exception {
    byte[] file = speech("webm", "-c:a", "libopus");
    FakeSession session = sessions.session("container-gone");
    try (WebSocketClient client = started("container-gone", "&sample_rate=16000")) {
      client.send(file);
    }
    await().until(() -> session.ends().contains("disconnect"));
    assertThat(session.samples()).isBetween(31_000, 34_000);
  }

  @Test
  void refusesAContainerThatCannotBeDecodedAndMakesNoAudioOfIt() throws Exception {
    byte[] broken = new byte[4000];
    Arrays.fill(broken, (byte) 0x42);
    System.arraycopy("fLaC".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, broken, 0, 4);
    FakeSession session = sessions.session("container-broken");
    try (WebSocketClient client = started("container-broken", "&sample_rate=16000")) {
      client.send(broken);
      client.send("{\"type\":\"end\"}");
      assertThat(json(client.next()).get("error").asString()).isEqualTo("audio: not decodable");
      assertThat(client.closed().code()).isEqualTo(1008);
    }
    await().until(() -> !session.ends().isEmpty());
    assertThat(session.samples()).isZero();
  }

  @NeedsTool(Tool.CURL)
  @ParameterizedTest
  @CsvSource({
    "wav, -ar 44100 -ac 2",
    "mp3, -ar 22050",
    "flac, -ar 48000",
    "ogg, -c:a libopus",
    "webm, -c:a libopus",
    "m4a, -c:a aac"
  })
  void takesContainersOfEveryKind(String suffix, String arguments) throws Exception {
    byte[] file = speech(suffix, arguments.split(" "));
    ChunkClient.Answer answer =
        client.post(file, "recording." + suffix, "session_id=" + suffix, LAST);
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(200);
    short[] heard = sessions.session(suffix).audio();
    assertThat(heard.length).isBetween(31_000, 34_000);
    assertThat(crossings(heard)).isBetween(7100, 7500);
  }

  @NeedsTool(Tool.CURL)
  @ParameterizedTest
  @CsvSource({"webm, -c:a libopus", "ogg, -c:a libopus", "mp3, -ar 44100", "wav, -ar 16000"})
  void takesAContainerThatIsCutAnywhere(String suffix, String arguments) throws Exception {
    byte[] file = speech(suffix, arguments.split(" "));
    String id = "cut-" + suffix;
    int piece = file.length / 5 + 1;
    for (int at = 0; at < file.length; at += piece) {
      byte[] chunk = Arrays.copyOfRange(file, at, Math.min(file.length, at + piece));
      String[] fields =
          at + piece < file.length
              ? new String[] {"session_id=" + id}
              : new String[] {"session_id=" + id, LAST};
      assertThat(client.post(chunk, "blob." + suffix, fields).status()).isEqualTo(200);
    }
    short[] heard = sessions.session(id).audio();
    assertThat(heard.length).isBetween(31_000, 34_000);
    assertThat(crossings(heard)).isBetween(7100, 7500);
  }

  @NeedsTool(Tool.CURL)
  @Test
  void takesAWavFileInEveryChunk() throws Exception {
    byte[] wav = speech("wav", "-ar", "8000");
    for (int i = 0; i < 3; i++) {
      client.post(wav, "blob", "session_id=wavs", "sample_rate=16000");
    }
    FakeSession session = sessions.session("wavs");
    await().until(() -> session.samples() >= 95_000);
    assertThat(session.samples()).isBetween(95_000, 97_000);
  }

  @NeedsTool(Tool.CURL)
  @ParameterizedTest
  @CsvSource({"raw, ''", "webm, -c:a libopus", "wav, -ar 44100", "mp3, -ar 44100"})
  void continuesWithinASampleOrAContainerAfterItsFirstChunk(String suffix, String arguments)
      throws Exception {
    byte[] file = suffix.equals("raw") ? pcm(32_000) : speech(suffix, arguments.split(" "));
    Path jar = Files.createDirectory(folder.resolve("jar-" + suffix));
    ChunkClient browser = new ChunkClient(server.http("/stt/stream-chunk"), jar).withCookies();
    int piece = (file.length / 4) | 1;
    String id = "";
    for (int at = 0; at < file.length; at += piece) {
      byte[] chunk = Arrays.copyOfRange(file, at, Math.min(file.length, at + piece));
      String last = "is_final_chunk=" + (at + piece >= file.length);
      ChunkClient.Answer answer = browser.post(chunk, "blob", last);
      assertThat(answer.status()).as("%s", answer.body()).isEqualTo(200);
      id = answer.text("session_id");
    }
    short[] parts = sessions.session(id).audio();
    if (suffix.equals("raw")) {
      assertThat(bytes(parts)).isEqualTo(file);
    } else {
      client.post(file, "blob", "session_id=whole-" + suffix, LAST);
      short[] whole = sessions.session("whole-" + suffix).audio();
      assertThat(parts.length).isBetween(whole.length - 700, whole.length + 700);
      assertThat(likeness(whole, parts)).isGreaterThan(0.95);
    }
  }

  /** Correlation over the length of both. */
  private static double likeness(short[] left, short[] right) {
    double product = 0;
    double lefts = 0;
    double rights = 0;
    for (int i = 0; i < Math.min(left.length, right.length); i++) {
      product += (double) left[i] * right[i];
      lefts += (double) left[i] * left[i];
      rights += (double) right[i] * right[i];
    }
    return product / Math.sqrt(lefts * rights);
  }

  private static byte[] bytes(short[] pcm) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * pcm.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(pcm);
    return bytes.array();
  }
}
