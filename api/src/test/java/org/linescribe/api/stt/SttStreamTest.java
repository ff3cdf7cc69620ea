package org.linescribe.api.stt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeProviders;
import org.linescribe.api.FakeSession;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.HttpAnswers;
import org.linescribe.api.WebSocketClient;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SourceClosed;
import tools.jackson.databind.JsonNode;

class SttStreamTest {
  @TempDir private Path folder;
  private static FakeSessions sessions;
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    sessions = new FakeSessions();
    server =
        ApiServer.start(
            sessions,
            FakeProviders.of(
                new RecogniserInfo("sherpa", "digits", "en", 16_000),
                new RecogniserInfo(
                    "whisper", "tiny", "mul", Set.of(), Set.of(RecogniserInfo.ANY), 16_000)),
            Map.of());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static WebSocketClient connect(String query) {
    return WebSocketClient.connect(server.ws("/stt/stream?" + query));
  }

  private static JsonNode next(WebSocketClient client) throws InterruptedException {
    return json(client.next());
  }

  /** Connects with an id and takes the first message. */
  private static WebSocketClient started(String id, String query) throws InterruptedException {
    WebSocketClient client = connect("session_id=" + id + query);
    assertThat(next(client).get("type").asString()).isEqualTo("session_started");
    return client;
  }

  private static byte[] pcm(int samples, long seed) {
    byte[] bytes = new byte[2 * samples];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static short[] samples(byte[] pcm) {
    short[] samples = new short[pcm.length / 2];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = ByteBuffer.wrap(pcm).order(ByteOrder.LITTLE_ENDIAN).getShort(2 * i);
    }
    return samples;
  }

  private static String audio(byte[] pcm) {
    return "{\"type\":\"audio\",\"data\":\"" + Base64.getEncoder().encodeToString(pcm) + "\"}";
  }

  @Test
  void startsASessionAsTheDocumentShows() throws InterruptedException {
    try (WebSocketClient client =
        connect("language=en&provider=sherpa&sample_rate=16000&chunk_size=1024")) {
      JsonNode started = next(client);
      assertThat(started.get("type").asString()).isEqualTo("session_started");
      assertThat(started.get("session_id").asString()).hasSize(36);
      assertThat(started.get("language").asString()).isEqualTo("en");
      assertThat(started.get("provider").asString()).isEqualTo("sherpa");
      assertThat(started.get("sample_rate").asInt()).isEqualTo(16_000);
      assertThat(started.get("resumed").asBoolean()).isFalse();
      assertThat(started.has("warning")).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "language=klingonese, language",
    "provider=siri, provider",
    "sample_rate=11025, sample_rate",
    "sample_rate=fast, sample_rate",
    "chunk_size=0, chunk_size",
    "session_id=a/b, session_id",
    "endpoint_ms=5, endpoint_ms"
  })
  void answersWhatCannotBeGivenWithAnErrorAndCloses(String query, String named)
      throws InterruptedException {
    try (WebSocketClient client = connect(query)) {
      JsonNode error = next(client);
      assertThat(error.get("type").asString()).isEqualTo("error");
      assertThat(error.get("error").asString()).startsWith(named + ": ");
      assertThat(error.get("timestamp").isNumber()).isTrue();
      assertThat(error.get("timestamp").asDouble())
          .isBetween(1.7e9, System.currentTimeMillis() / 1000.0 + 1);
      assertThat(client.closed().code()).isEqualTo(1008);
    }
  }

  @Test
  void takesFramesOfAnySizeWhereverSamplesAreCut() throws InterruptedException {
    byte[] pcm = pcm(5000, 1);
    FakeSession session = sessions.session("any-size");
    try (WebSocketClient client = started("any-size", "&sample_rate=8000")) {
      int at = 0;
      for (int size : new int[] {1, 1, 3, 0, 320, 7, 1024, 4001, 4643}) {
        client.send(Arrays.copyOfRange(pcm, at, at + size));
        at += size;
      }
      assertThat(at).isEqualTo(pcm.length);
      await().until(() -> session.samples() == 5000);
    }
    assertThat(session.audio()).isEqualTo(samples(pcm));
    assertThat(session.request().legs().getFirst().sampleRateHz()).isEqualTo(8000);
  }

  @Test
  void takesAudioAsJsonAndBinaryInTheirOrder() throws InterruptedException {
    byte[] pcm = pcm(3000, 2);
    FakeSession session = sessions.session("mixed");
    try (WebSocketClient client = started("mixed", "")) {
      client.send(audio(Arrays.copyOfRange(pcm, 0, 1001)).replace("}", ",\"sample_rate\":16000}"));
      client.send(Arrays.copyOfRange(pcm, 1001, 3000));
      client.send(audio(Arrays.copyOfRange(pcm, 3000, 6000)));
      await().until(() -> session.samples() == 3000);
    }
    assertThat(session.audio()).isEqualTo(samples(pcm));
  }

  @ParameterizedTest
  @ValueSource(ints = {22_050, 44_100, 48_000})
  void convertsOtherRatesAndHoldsNothingBackAtAFinalize(int rate) throws InterruptedException {
    FakeSession session = sessions.session("rate-" + rate);
    byte[] tone = new byte[2 * rate];
    for (int i = 0; i < rate; i++) {
      short value = (short) Math.round(20_000 * Math.sin(2 * Math.PI * 440 * i / rate));
      ByteBuffer.wrap(tone).order(ByteOrder.LITTLE_ENDIAN).putShort(2 * i, value);
    }
    try (WebSocketClient client = started("rate-" + rate, "&sample_rate=" + rate)) {
      for (int at = 0; at < tone.length; at += 1023) {
        client.send(Arrays.copyOfRange(tone, at, Math.min(tone.length, at + 1023)));
      }
      client.send("{\"type\":\"finalize\"}");
      assertThat(next(client).get("type").asString()).isEqualTo("finalized");
      assertThat(session.samples()).isEqualTo(16_000);
    }
    short[] heard = session.audio();
    for (int i = 200; i < 15_800; i++) {
      double expected = 20_000 * Math.sin(2 * Math.PI * 440 * i / 16_000);
      assertThat((double) heard[i]).isCloseTo(expected, org.assertj.core.data.Offset.offset(65.0));
    }
  }

  @Test
  void sendsTranscriptionsWithTheDocumentedMembers() throws InterruptedException {
    FakeSession session = sessions.session("members");
    try (WebSocketClient client = started("members", "")) {
      session.hears("ONE");
      JsonNode partial = next(client);
      assertThat(partial.get("type").asString()).isEqualTo("transcription");
      assertThat(partial.get("text").asString()).isEqualTo("ONE");
      assertThat(partial.get("is_final").asBoolean()).isFalse();
      assertThat(partial.get("language").asString()).isEqualTo("en");
      assertThat(partial.get("seq").asLong()).isEqualTo(1);
      assertThat(partial.has("confidence")).as("the fake recogniser gives none").isFalse();
      assertThat(OffsetDateTime.parse(partial.get("timestamp").asString()))
          .isBetween(OffsetDateTime.now().minusMinutes(1), OffsetDateTime.now().plusMinutes(1));

      session.ends("ONE TWO");
      JsonNode last = next(client);
      assertThat(last.get("text").asString()).isEqualTo("ONE TWO");
      assertThat(last.get("is_final").asBoolean()).isTrue();
      assertThat(last.get("seq").asLong()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "this is not JSON",
        "[]",
        "{}",
        "{\"type\":7}",
        "{\"type\":\"dance\"}",
        "{\"type\":\"audio\"}",
        "{\"type\":\"audio\",\"data\":\"***\"}",
        "{\"type\":\"audio\",\"data\":\"AAAA\",\"sample_rate\":44100}",
        "{\"type\":\"audio\",\"data\":\"AAAA\",\"sample_rate\":\"44100\"}",
        "{\"type\":\"audio\",\"data\":\"AAAA\",\"sample_rate\":16000.5}",
        "{\"type\":\"audio\",\"data\":\"AAAA\",\"sample_rate\":1e999}",
        "{\"type\":\"audio\",\"data\":\"AAAA\",\"sample_rate\":99999999999999999999}",
        "{\"type\":\"audio\",\"data\":\"AAAA\",\"sample_rate\":{}}"
      })
  void answersAMessageThatItCannotUseAndStaysOpen(String message) throws InterruptedException {
    String id = "bad-" + Integer.toHexString(message.hashCode());
    FakeSession session = sessions.session(id);
    try (WebSocketClient client = started(id, "")) {
      client.send(message);
      JsonNode error = next(client);
      assertThat(error.get("type").asString()).isEqualTo("error");
      assertThat(error.get("error").asString()).isNotBlank();
      assertThat(session.samples()).isZero();

      client.send(pcm(160, 3));
      await().until(() -> session.samples() == 160);
      assertThat(client.isClosed()).isFalse();
    }
  }

  @Test
  void answersAKeepalive() throws InterruptedException {
    try (WebSocketClient client = started("alive", "")) {
      client.send("{\"type\":\"keepalive\"}");
      assertThat(next(client).get("type").asString()).isEqualTo("keepalive");
    }
  }

  @Test
  void endsOnEndWithTheLastWordsAndSaysWhatWasCut() throws InterruptedException {
    FakeSession session = sessions.session("end");
    try (WebSocketClient client = started("end", "")) {
      client.send(new byte[321]);
      client.send("{\"type\":\"end\"}");
      assertThat(next(client).get("error").asString()).contains("middle of a 16-bit sample");
      JsonNode ended = next(client);
      assertThat(ended.get("type").asString()).isEqualTo("session_ended");
      assertThat(client.closed().code()).isEqualTo(1000);
    }
    assertThat(session.samples()).isEqualTo(160);
    assertThat(session.ends()).containsExactly("end");
  }

  @Test
  void holdsTheClientBackWhileTheSessionIsFullAndLosesNothing() throws InterruptedException {
    FakeSession session = sessions.session("full");
    byte[] pcm = pcm(48_000, 4);
    session.space(1600);
    try (WebSocketClient client = started("full", "")) {
      client.send(pcm);
      client.send("{\"type\":\"finalize\"}");
      await().until(() -> session.samples() == 1600);
      assertThat(session.flushes()).isZero();
      session.writable(Integer.MAX_VALUE);
      assertThat(next(client).get("type").asString()).isEqualTo("finalized");
    }
    assertThat(session.audio()).isEqualTo(samples(pcm));
    assertThat(session.flushes()).isEqualTo(1);
  }

  @Test
  void endsTheSessionOfAClientThatIsGone() throws InterruptedException {
    FakeSession session = sessions.session("gone");
    try (WebSocketClient client = started("gone", "&sample_rate=48000")) {
      client.send(new byte[9600]);
      await().until(() -> session.samples() > 0);
      client.abort();
    }
    await().untilAsserted(() -> assertThat(session.ends()).containsExactly("disconnect"));
    assertThat(session.samples()).isEqualTo(1600);
  }

  @Test
  void tellsWhyTheSessionLetItGo() throws InterruptedException {
    FakeSession session = sessions.session("superseded");
    try (WebSocketClient client = started("superseded", "")) {
      session.closes(SourceClosed.SUPERSEDED);
      assertThat(next(client).get("error").asString()).contains("superseded");
      assertThat(client.closed().code()).isEqualTo(4001);
    }
  }

  @Test
  void refusesWithTryAgainWhenTheDecodersAreBehind() throws InterruptedException {
    FakeSessions full = new FakeSessions();
    full.refuse(
        new SessionRefusedException(
            SessionRefusedException.Reason.OVERLOADED, "behind", Duration.ofSeconds(5)));
    try (ApiServer overloaded = ApiServer.start(full, Map.of());
        WebSocketClient client = WebSocketClient.connect(overloaded.ws("/stt/stream"))) {
      assertThat(next(client).get("error").asString()).contains("behind");
      assertThat(client.closed().code()).isEqualTo(1013);
    }
  }

  @Test
  void expiresASessionToWhichNothingComes() throws Exception {
    FakeSessions own = new FakeSessions();
    try (ApiServer impatient =
            ApiServer.start(own, Map.of("linescribe.stt.session-timeout", "1s"));
        WebSocketClient silent =
            WebSocketClient.connect(impatient.ws("/stt/stream?session_id=silent"))) {
      assertThat(next(silent).get("type").asString()).isEqualTo("session_started");
      assertThat(next(silent).get("error").asString()).startsWith("session expired");
      assertThat(silent.closed().code()).isEqualTo(1000);
      assertThat(own.session("silent").ends()).containsExactly("expired");
      JsonNode stats = stats(impatient);
      assertThat(stats.get("active_sessions").asInt()).isZero();
      assertThat(stats.get("expired_sessions").asInt()).isEqualTo(1);
      assertThat(stats.get("total_sessions").asInt()).isEqualTo(1);
    }
  }

  @Test
  void takesAKeepaliveForASignOfLife() throws Exception {
    try (WebSocketClient client = started("held", "")) {
      await().until(() -> inactiveSeconds("held") >= 1);
      long beforeNs = System.nanoTime();
      client.send("{\"type\":\"keepalive\"}");
      assertThat(next(client).get("type").asString()).isEqualTo("keepalive");

      double inactive = inactiveSeconds("held");

      // However long this machine took for it.
      assertThat(inactive).isLessThanOrEqualTo((System.nanoTime() - beforeNs) / 1e9);
    }
  }

  private static JsonNode stats(ApiServer of) throws Exception {
    return json(HttpAnswers.get(of.http("/streaming/stats")));
  }

  private static double inactiveSeconds(String id) throws Exception {
    return stats(server)
        .get("sessions")
        .valueStream()
        .filter(session -> session.get("session_id").asString().equals(id))
        .findFirst()
        .orElseThrow()
        .get("inactive_seconds")
        .asDouble();
  }

  @Test
  void writesTheTimeOfAnErrorAsTheDocumentDoes() throws InterruptedException {
    try (WebSocketClient client = connect("sample_rate=1")) {
      assertThat(client.next()).matches("\\{.*\"timestamp\":[0-9]{10}\\.[0-9]{6}}");
    }
  }
}
