package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.Sessions;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.Patience;
import org.linescribe.testsupport.servers.CuttableProxy;
import org.linescribe.testsupport.servers.OwnRedis;
import org.linescribe.testsupport.servers.SharedMariaDb;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the clients of every API see when the real database or the real Redis goes away. */
class StoresAwayTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String WORDS = "SIX THREE NINE ZERO";

  /** Of the recording, where the last word has just been said. */
  private static final int SPOKEN_SAMPLES = 31_000;

  private static final int SILENCE_SAMPLES = 12_000;

  /** Which of the two goes. */
  enum Away {
    DATABASE,
    REDIS
  }

  @TempDir Path data;
  private final CuttableProxy toDatabase = new CuttableProxy(SharedMariaDb.port());
  private final OwnRedis redis = new OwnRedis();
  private final CuttableProxy toRedis = new CuttableProxy(redis.port());
  private TestGateway gateway;

  @BeforeEach
  void start() {
    gateway =
        new TestGateway(
            data,
            "--linescribe.mysql.url="
                + SharedMariaDb.url(toDatabase.port(), SharedMariaDb.newDatabase()),
            "--linescribe.mysql.user=root",
            "--linescribe.mysql.connect-timeout=2s",
            "--linescribe.mysql.read-timeout=30s",
            "--linescribe.redis.url=redis://127.0.0.1:" + toRedis.port(),
            "--linescribe.session.flush-time=60s",
            "--linescribe.api.transcribe.flush-after=1h");
  }

  @AfterEach
  void stop() {
    toDatabase.mend();
    toRedis.mend();
    gateway.close();
    toDatabase.close();
    toRedis.close();
    redis.close();
  }

  private void goes(Away away) {
    (away == Away.DATABASE ? toDatabase : toRedis).cut();
    await()
        .until(
            () -> {
              Sessions.Readiness now = gateway.part(Sessions.class).readiness();
              return !(away == Away.DATABASE ? now.storeReachable() : now.liveReachable());
            });
  }

  /** Once the database is back it holds every word; Redis alone changes nothing that is stored. */
  private void assertStoredWhenBack(Away away, String id, String words) throws Exception {
    (away == Away.DATABASE ? toDatabase : toRedis).mend();
    await().ignoreExceptions().untilAsserted(() -> assertThat(stored(id)).isEqualTo(words));
  }

  private String stored(String id) throws Exception {
    HttpResponse<String> page = get("/sessions/" + id + "/segments?from_seq=1");
    assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
    return String.join(
        " ",
        StreamSupport.stream(
                JsonMapper.shared().readTree(page.body()).get("segments").spliterator(), false)
            .map(segment -> segment.get("text").asString())
            .toList());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://" + gateway.http() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private ApiClient client(String path) {
    return new ApiClient("ws://" + gateway.http() + path);
  }

  /** Four digits and then silence; mono, 16 bit, 8 kHz. */
  private static short[] speech() throws IOException {
    byte[] wav = Files.readAllBytes(HumanRecording.named("pin-jackson-1.wav").file());
    short[] pcm = new short[(wav.length - 44) / 2 + SILENCE_SAMPLES];
    ByteBuffer.wrap(wav, 44, wav.length - 44)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asShortBuffer()
        .get(pcm, 0, (wav.length - 44) / 2);
    return pcm;
  }

  private static byte[] muLaw() throws IOException {
    short[] pcm = speech();
    byte[] codes = new byte[pcm.length];
    G711Law.PCMU.encode(pcm, 0, pcm.length, codes, 0);
    return codes;
  }

  private static byte[] pcm() throws IOException {
    short[] pcm = speech();
    ByteBuffer bytes = ByteBuffer.allocate(2 * pcm.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(pcm);
    return bytes.array();
  }

  private static boolean is(JsonNode message, String type) {
    return message.path("type").asString("").equals(type);
  }

  @ParameterizedTest
  @EnumSource
  void anOpenCallAndItsReadersGoOnAsIfNothingWere(Away away) throws Exception {
    List<String> events = new CopyOnWriteArrayList<>();
    try (ApiClient source = client("/ws/transcribe/away?codec=pcmu");
        ApiClient reader = client("/ws/subscribe/away?wait=true&from_seq=1")) {
      source.send(muLaw(), 160);
      source.awaitFinals(WORDS);
      Thread stream = Thread.ofVirtual().start(() -> readEvents("away", events));
      await().until(() -> !events.isEmpty());
      goes(away);

      byte[] again = muLaw();
      source.send(Arrays.copyOf(again, SPOKEN_SAMPLES), 160);
      source.awaitMessage(
          "a partial of the utterance that nobody can store",
          message ->
              is(message, "partial")
                  && message.get("seq").asLong() > 1
                  && !message.get("text").asString().isEmpty());
      source.send(Arrays.copyOfRange(again, SPOKEN_SAMPLES, again.length), 160);

      String twice = WORDS + " " + WORDS;
      source.awaitFinals(twice);
      reader.awaitFinals(twice);
      await().until(() -> events.stream().filter(e -> e.contains("\"final\"")).count() > 1);
      stream.interrupt();
      assertStoredWhenBack(away, "away", twice);
    }
  }

  private void readEvents(String id, List<String> events) {
    try {
      HTTP.send(
              HttpRequest.newBuilder(
                      URI.create(
                          "http://" + gateway.http() + "/sessions/" + id + "/events?wait=true"))
                  .build(),
              HttpResponse.BodyHandlers.ofLines())
          .body()
          .filter(line -> line.startsWith("data:"))
          .forEach(events::add);
    } catch (IOException | java.io.UncheckedIOException gone) {
      events.add("ended");
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void readersOfWhatIsStoredAndClientsWithAnIdAreToldToComeAgainWithoutTheDatabase()
      throws Exception {
    goes(Away.DATABASE);

    HttpResponse<String> page = get("/sessions/away/segments");
    assertThat(page.statusCode()).isEqualTo(503);
    assertThat(page.headers().firstValue("Retry-After")).contains("5");
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    try (ApiClient transcribe = client("/ws/transcribe/away");
        ApiClient stt = client("/stt/stream?session_id=away")) {
      assertThat(transcribe.awaitClose()).isEqualTo(1013);
      assertThat(stt.awaitClose()).isEqualTo(1013);
      stt.awaitMessage("error", message -> is(message, "error"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aNewSpeechToTextStreamIsServed(Away away) throws Exception {
    goes(away);
    try (ApiClient client = client("/stt/stream?sample_rate=8000")) {
      String id =
          client
              .awaitMessage("session_started", message -> is(message, "session_started"))
              .get("session_id")
              .asString();
      client.send(pcm(), 1600);
      client.send("{\"type\":\"end\"}");
      assertThat(client.awaitClose()).isEqualTo(1000);
      assertThat(client.finals()).isEqualTo(WORDS);
      assertStoredWhenBack(away, id, WORDS);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anAudioSessionIsRecordedAcknowledgedAndTranscribed(Away away) throws Exception {
    goes(away);
    try (ApiClient client = client("/api/ws/audio?sample_rate=8000&transcribe=true")) {
      byte[] pcm = pcm();
      client.send(pcm, 8000);
      client.send("{\"type\":\"control\",\"action\":\"close_session\"}");
      String id =
          client
              .awaitMessage(
                  "completed", message -> message.path("status").asString("").equals("completed"))
              .get("session_id")
              .asString();
      assertThat(client.messages())
          .filteredOn(m -> m.path("message").asString("").startsWith("Chunk processed"))
          .hasSize((pcm.length + 7999) / 8000);
      assertThat(data.resolve("audio-sessions").resolve(id + ".wav")).hasSize(44 + pcm.length);
      assertStoredWhenBack(away, id, WORDS);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anOpenSocketIoRecordingIsSavedAndTranscribed(Away away) throws Exception {
    try (ApiClient client = client("/socket.io/?EIO=4&transport=websocket")) {
      client.send("40/streaming,{\"sample_rate\":8000,\"format\":\"pcm\"}");
      client.awaitMessage("connected", message -> event(message, "response"));
      goes(away);
      recordAndStop(client, away);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aNewSocketIoRecordingIsSavedAndTranscribed(Away away) throws Exception {
    goes(away);
    try (ApiClient client = client("/socket.io/?EIO=4&transport=websocket")) {
      client.send("40/streaming,{\"sample_rate\":8000,\"format\":\"pcm\"}");
      client.awaitMessage("connected", message -> event(message, "response"));
      recordAndStop(client, away);
    }
  }

  private void recordAndStop(ApiClient client, Away away) throws Exception {
    client.send("451-/streaming,[\"audio_chunk\",{\"chunk\":{\"_placeholder\":true,\"num\":0}}]");
    byte[] pcm = pcm();
    client.send(pcm, pcm.length);
    client.awaitFinals(WORDS);
    client.send("42/streaming,[\"stop_recording\"]");
    JsonNode result =
        client.awaitMessage("file", message -> event(message, "result_file_path")).get(1);
    HttpResponse<byte[]> file =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(result.get("file_url").asString())).build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(file.body()).hasSize(44 + pcm.length);
    assertStoredWhenBack(away, result.get("streaming_id").asString(), WORDS);
  }

  @Test
  void aSocketIoClientWithAnIdIsToldThatTheDatabaseIsAwayAndMayRecordWithoutATranscript()
      throws Exception {
    goes(Away.DATABASE);
    try (ApiClient transcribed = client("/socket.io/?EIO=4&transport=websocket");
        ApiClient recorded = client("/socket.io/?EIO=4&transport=websocket")) {
      transcribed.send("40/streaming,{\"sample_rate\":8000,\"session_id\":\"mine\"}");
      recorded.send(
          "40/streaming,{\"sample_rate\":8000,\"session_id\":\"mine2\",\"transcribe\":false}");

      JsonNode refusal = transcribed.awaitMessage("connect_error", message -> message.has("data"));
      assertThat(refusal.get("data").get("reason").asString()).isEqualTo("store_unavailable");
      assertThat(refusal.get("data").get("retry_after").asInt()).isPositive();
      recorded.awaitMessage("connected", message -> event(message, "response"));
    }
  }

  private static boolean event(JsonNode message, String name) {
    return message.path(0).asString("").equals(name);
  }

  @ParameterizedTest
  @EnumSource
  void aFileIsTranscribedToItsEnd(Away away) throws Exception {
    goes(away);
    byte[] wav = Files.readAllBytes(HumanRecording.named("pin-jackson-1.wav").file());
    java.io.ByteArrayOutputStream form = new java.io.ByteArrayOutputStream();
    form.writeBytes(
        "--b\r\nContent-Disposition: form-data; name=\"audio\"; filename=\"pin.wav\"\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII));
    form.writeBytes(wav);
    form.writeBytes("\r\n--b--\r\n".getBytes(StandardCharsets.US_ASCII));
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(URI.create("http://" + gateway.http() + "/audio/process-stream"))
                .header("Content-Type", "multipart/form-data; boundary=b")
                .timeout(Patience.LIMIT)
                .POST(HttpRequest.BodyPublishers.ofByteArray(form.toByteArray()))
                .build(),
            HttpResponse.BodyHandlers.ofString());

    List<JsonNode> events =
        answer
            .body()
            .lines()
            .filter(line -> line.startsWith("data:"))
            .map(line -> JsonMapper.shared().readTree(line.substring(5)))
            .toList();
    JsonNode last = events.getLast();
    assertThat(last.get("status").asString()).as(answer.body()).isEqualTo("completed");
    assertThat(last.get("result").get("transcription").asString()).isEqualTo(WORDS);
    assertStoredWhenBack(away, last.get("task_id").asString(), WORDS);
  }
}
