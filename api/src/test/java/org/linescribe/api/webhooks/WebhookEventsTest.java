package org.linescribe.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.http.ApiConfiguration;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionId;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.QualityAlert;
import org.linescribe.session.calls.QualitySample;
import org.linescribe.session.calls.QualityThresholds;
import org.linescribe.session.recordings.CallRecorder;
import org.linescribe.session.recordings.CallRecordingSettings;
import org.linescribe.session.recordings.CallRecordings;
import org.linescribe.session.recordings.RecordingFile;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.storage.StorageSettings;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import tools.jackson.databind.JsonNode;

/** What receivers get that is not of the transcript, and the receivers that sessions choose. */
class WebhookEventsTest {
  private static final SourceListener NOBODY =
      new SourceListener() {
        @Override
        public void onEvent(TranscriptEvent event) {}

        @Override
        public void onClosed(SourceClosed reason) {}
      };

  private static final String KEY = "ls_app";

  @TempDir private Path data;
  private final FakeSessions sessions = new FakeSessions();
  private final Map<String, Object> settings = new TreeMap<>();

  /** The assembly's recordings and call log. */
  static class Recordings {
    @Bean
    CallLog callLog() {
      return new TellingCallLog();
    }

    @Bean
    CallRecordings callRecordings(Environment environment, MeterRegistry meters) {
      Path folder = Path.of(environment.getRequiredProperty("linescribe.data"), "recordings");
      return new CallRecordings(
          new RecordingFolder(folder, RecordingFile.ON_DISK, StorageSettings.defaults()),
          CallRecordingSettings.defaults(),
          meters,
          Clock.systemUTC());
    }
  }

  /** Tells of records and keeps none. */
  private static final class TellingCallLog implements CallLog {
    private Listener told = _ -> {};

    @Override
    public void keep(CallRecord record) {
      try {
        told.onCall(record);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void onKeep(Listener listener) {
      told = listener;
    }

    @Override
    public List<CallRecord> list(Optional<Instant> startedBefore, int limit) {
      return List.of();
    }

    @Override
    public Optional<CallRecord> newest(SessionId sessionId) {
      return Optional.empty();
    }
  }

  private ApiServer start(WebhookReceiver... receivers) {
    settings.put("linescribe.data", data.toString());
    settings.putIfAbsent("linescribe.webhooks.allow-private", "true");
    settings.put("linescribe.webhooks.first-retry", "10ms");
    settings.put("linescribe.webhooks.last-retry", "50ms");
    for (int i = 0; i < receivers.length; i++) {
      String endpoint = "linescribe.webhooks.endpoints[" + i + "].";
      settings.put(endpoint + "name", "receiver-" + i);
      settings.put(endpoint + "url", receivers[i].url());
      settings.put(endpoint + "secret", WebhookReceiver.SECRET);
    }
    return ApiServer.start(sessions, settings, ApiConfiguration.class, Recordings.class);
  }

  private FakeSessions.FakeSession open(String id) throws Exception {
    return open(id, Optional.empty());
  }

  private FakeSessions.FakeSession open(String id, Optional<String> owner) throws Exception {
    sessions.open(
        new SourceRequest(
            new SessionId(id),
            "sip",
            owner,
            List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, 8000)),
            RecognitionRequest.DEFAULT,
            Map.of()),
        NOBODY);
    return sessions.session(id);
  }

  private static void end(FakeSessions.FakeSession session) {
    await().until(() -> session.readers() > 0);
    session.announceEnd("bye");
  }

  private static void alert(ApiServer server, String id, QualityAlert.Direction direction) {
    server
        .bean(QualityAlert.Listener.class)
        .onAlert(
            new QualityAlert(
                new SessionId(id),
                Instant.parse("2026-01-20T10:30:05Z"),
                "caller",
                direction,
                new QualitySample(5000, 12.5, 3),
                new QualityThresholds(2.6, 10)));
  }

  private static CallRecorder record(ApiServer server, String id) throws Exception {
    CallRecorder recorder = server.bean(CallRecordings.class).begin(new SessionId(id), 1, 8000);
    recorder.write(0, new short[4000], 0, 4000);
    return recorder;
  }

  @Test
  void tellsOfABadLineAndOfARecordingInTheSessionsOrder() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(n -> n % 2 == 0 ? 200 : 500);
        ApiServer server = start(receiver)) {
      FakeSessions.FakeSession session = open("one");
      CallRecorder recorder = record(server, "one");
      session.ends("text");
      await().until(() -> receiver.types("one").size() == 2);
      alert(server, "one", QualityAlert.Direction.DEGRADED);
      await().until(() -> receiver.types("one").size() == 3);
      alert(server, "one", QualityAlert.Direction.RECOVERED);
      await().until(() -> receiver.types("one").size() == 4);
      end(session);
      await().until(() -> receiver.types("one").size() == 5);
      recorder.close();

      await().until(() -> receiver.types("one").size() == 6);
      assertThat(receiver.types("one"))
          .containsExactly(
              "session.started",
              "segment.final",
              "quality.alert",
              "quality.alert",
              "session.ended",
              "recording.ready");
      assertThat(receiver.forged()).isEmpty();
      JsonNode alert = receiver.of("one").get(2).data();
      assertThat(alert.get("state").asString()).isEqualTo("degraded");
      assertThat(alert.get("leg").asString()).isEqualTo("caller");
      assertThat(alert.get("loss_percent").asDouble()).isEqualTo(12.5);
      assertThat(alert.get("mos").asDouble()).isLessThan(2);
      assertThat(alert.at("/thresholds/mos").asDouble()).isEqualTo(2.6);
      JsonNode recording = receiver.of("one").getLast().data();
      assertThat(recording.get("duration_ms").asLong()).isEqualTo(500);
      assertThat(recording.get("channels").asInt()).isEqualTo(1);
      assertThat(get(server.http(recording.get("path").asString())).statusCode()).isEqualTo(200);
      await().until(() -> nothingIsKeptIn("receiver-0/events"));
      await().until(() -> nothingIsKeptIn("receiver-0/pending"));
    }
  }

  private boolean nothingIsKeptIn(String folder) throws Exception {
    try (Stream<Path> files = Files.list(data.resolve("webhooks").resolve(folder))) {
      return files.findAny().isEmpty();
    }
  }

  @Test
  void anAlertThatNobodyTookIsToldAfterARestart() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(_ -> 503)) {
      try (ApiServer server = start(receiver)) {
        open("one");
        alert(server, "one", QualityAlert.Direction.DEGRADED);
        await().until(() -> !nothingIsKeptIn("receiver-0/events"));
      }
      receiver.answers(_ -> 200);
      try (ApiServer _ = start(receiver)) {
        await()
            .until(() -> receiver.types("one").equals(List.of("session.started", "quality.alert")));
        await().until(() -> nothingIsKeptIn("receiver-0/events"));
      }
    }
  }

  @Test
  void aRecordingThatAKilledProcessDidNotTellOfKeepsNoFinalFromBeingTold() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(_ -> 503)) {
      String recording;
      try (ApiServer server = start(receiver)) {
        open("one").ends("text");
        record(server, "one").close();
        await().until(() -> !nothingIsKeptIn("receiver-0/events"));
        recording =
            server
                .bean(CallRecordings.class)
                .list(Optional.of(new SessionId("one")), 1)
                .getFirst()
                .id();
      }
      Path mark = data.resolve("recordings").resolve(recording + ".untold");
      if (!Files.exists(mark)) {
        Files.createFile(mark);
      }
      receiver.answers(_ -> 200);
      try (ApiServer _ = start(receiver)) {
        await().until(() -> receiver.types("one").contains("recording.ready"));
        await().until(() -> receiver.finals("one").equals(List.of(1L)));
      }
    }
  }

  @Test
  void anAlertThatIsGivenUpIsSentAgainWhenAsked() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(n -> n == 2 ? 410 : 200);
        ApiServer server = start(receiver)) {
      open("one");
      await().until(() -> receiver.types("one").size() == 1);
      alert(server, "one", QualityAlert.Direction.DEGRADED);
      await().until(() -> receiver.requests() == 2);
      await().until(() -> letters(server).size() == 1);
      String id = letters(server).get(0).get("id").asString();

      assertThat(send(server, "POST", "/webhooks/dead-letters/" + id + "/replay", "").statusCode())
          .isEqualTo(200);

      assertThat(receiver.types("one")).containsExactly("session.started", "quality.alert");
      assertThat(receiver.of("one").getLast().id()).isEqualTo(id);
      assertThat(receiver.of("one").getLast().data().get("loss_percent").asDouble())
          .isEqualTo(12.5);
    }
  }

  private static void callEnded(ApiServer server, String id) {
    Instant start = Instant.parse("2026-01-20T10:30:00Z");
    server
        .bean(CallLog.class)
        .keep(
            new CallRecord(
                new SessionId(id),
                "call-of-" + id,
                "sip",
                Optional.of("carrier"),
                "sip:a@x",
                "sip:b@y",
                "udp",
                start,
                Optional.of(start.plusSeconds(1)),
                Optional.empty(),
                start.plusSeconds(31),
                "bye",
                List.of()));
  }

  @Test
  void theRecordOfACallIsToldOverARestartToItsOwnersOnly() throws Exception {
    settings.put("linescribe.webhooks.endpoints[0].owners[0]", "carrier");
    try (WebhookReceiver receiver = new WebhookReceiver(_ -> 503)) {
      try (ApiServer server = start(receiver)) {
        open("theirs", Optional.of("carrier")).ends("text");
        open("others", Optional.of("another"));
        callEnded(server, "theirs");
        callEnded(server, "others");
        await().until(() -> receiver.requests() > 0);
      }
      receiver.answers(_ -> 200);
      try (ApiServer _ = start(receiver)) {
        await().until(() -> receiver.types("theirs").contains("call.ended"));
        await().until(() -> receiver.finals("theirs").equals(List.of(1L)));
        await().until(() -> nothingIsKeptIn("receiver-0/events"));
        WebhookReceiver.Received ended =
            receiver.of("theirs").stream()
                .filter(event -> event.type().equals("call.ended"))
                .findFirst()
                .orElseThrow();
        assertThat(ended.data())
            .isEqualTo(
                json(
                    """
                    {"session_id": "theirs", "call_id": "call-of-theirs", "kind": "sip",
                     "trunk": "carrier", "from": "sip:a@x", "to": "sip:b@y", "transport": "udp",
                     "state": "ended", "started_at": "2026-01-20T10:30:00Z",
                     "answered_at": "2026-01-20T10:30:01Z", "ended_at": "2026-01-20T10:30:31Z",
                     "outcome": "bye", "legs": []}
                    """));
        assertThat(receiver.of("others")).isEmpty();
      }
    }
  }

  private static JsonNode letters(ApiServer server) throws Exception {
    return json(get(server.http("/webhooks/dead-letters"))).get("dead_letters");
  }

  @Test
  void isToldOfTheLinesAndRecordingsOfItsOwnersOnly() throws Exception {
    settings.put("linescribe.webhooks.endpoints[0].owners[0]", "carrier");
    try (WebhookReceiver receiver = new WebhookReceiver(_ -> 200);
        ApiServer server = start(receiver)) {
      open("theirs", Optional.of("carrier"));
      open("others", Optional.of("another"));
      alert(server, "others", QualityAlert.Direction.DEGRADED);
      record(server, "others").close();
      alert(server, "theirs", QualityAlert.Direction.DEGRADED);

      await().until(() -> receiver.types("theirs").contains("quality.alert"));
      await().until(() -> nothingIsKeptIn("receiver-0/events"));
      assertThat(receiver.of("others")).isEmpty();
    }
  }

  private static HttpResponse<String> send(
      ApiServer server, String method, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.http(path)))
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private static String choice(WebhookReceiver receiver) {
    return choice(receiver.url());
  }

  private static String choice(String url) {
    return "{\"url\": \"%s\", \"secret\": \"%s\"}".formatted(url, WebhookReceiver.SECRET);
  }

  @Test
  void aSessionsOwnReceiverIsToldOfItBesidesThoseOfTheSettings() throws Exception {
    try (WebhookReceiver own = new WebhookReceiver(n -> n == 1 ? 500 : 200);
        WebhookReceiver everybodys = new WebhookReceiver(_ -> 200);
        ApiServer server = start(everybodys)) {
      HttpResponse<String> chosen = send(server, "PUT", "/sessions/before/webhook", choice(own));
      assertThat(chosen.statusCode()).isEqualTo(200);
      assertThat(chosen.body()).doesNotContain("whsec_");
      open("before").ends("text");
      open("during").ends("said already");
      open("other").ends("not for it");
      assertThat(send(server, "PUT", "/sessions/during/webhook", choice(own)).statusCode())
          .isEqualTo(200);
      alert(server, "during", QualityAlert.Direction.DEGRADED);
      await().until(() -> own.types("during").size() == 3);
      end(sessions.session("during"));
      end(sessions.session("before"));

      await().until(() -> own.types("during").contains("session.ended"));
      await().until(() -> own.types("before").contains("session.ended"));
      assertThat(own.types("before"))
          .containsExactly("session.started", "segment.final", "session.ended");
      assertThat(own.finals("during")).containsExactly(1L);
      assertThat(own.of("other")).isEmpty();
      await().until(() -> everybodys.types("during").contains("session.ended"));
      assertThat(json(get(server.http("/webhooks"))).get("endpoints"))
          .extracting(endpoint -> endpoint.get("name").asString())
          .containsExactly("receiver-0", "session");
    }
  }

  @Test
  void aReceiverThatReplacesOneThatAskedForAnHourIsToldAtOnce() throws Exception {
    try (WebhookReceiver before = new WebhookReceiver(_ -> 503);
        WebhookReceiver after = new WebhookReceiver(_ -> 200);
        ApiServer server = start()) {
      before.header("Retry-After", "3600");
      send(server, "PUT", "/sessions/one/webhook", choice(before));
      open("one").ends("text");
      await().until(() -> before.requests() == 1);

      send(server, "PUT", "/sessions/one/webhook", choice(after));

      await().until(() -> after.finals("one").equals(List.of(1L)));
      assertThat(before.requests()).isEqualTo(1);
    }
  }

  @Test
  void aSessionsOwnReceiverIsKnownAfterARestartUntilItIsWithdrawn() throws Exception {
    try (WebhookReceiver own = new WebhookReceiver(_ -> 503)) {
      try (ApiServer server = start()) {
        send(server, "PUT", "/sessions/one/webhook", choice(own));
        open("one").ends("text");
        await().until(() -> own.requests() > 0);
      }
      own.answers(_ -> 200);
      try (ApiServer server = start()) {
        await().until(() -> own.finals("one").equals(List.of(1L)));
        assertThat(json(get(server.http("/sessions/one/webhook"))).get("url").asString())
            .isEqualTo(own.url());

        assertThat(send(server, "DELETE", "/sessions/one/webhook", "").statusCode()).isEqualTo(204);

        assertThat(get(server.http("/sessions/one/webhook")).statusCode()).isEqualTo(404);
        assertThat(nothingIsKeptIn("session/pending")).isTrue();
        assertThat(nothingIsKeptIn("session/endpoints")).isTrue();
      }
    }
  }

  @Test
  void refusesReceiversThatOnlyThisNetworkReachesAndSaysWhatIsWrong() throws Exception {
    settings.put("linescribe.webhooks.allow-private", "false");
    try (ApiServer server = start()) {
      String path = "/sessions/one/webhook";
      for (String address : List.of("127.0.0.1", "10.1.2.3", "[::1]", "localhost")) {
        HttpResponse<String> refused =
            send(server, "PUT", path, choice("http://" + address + "/hook"));
        assertThat(refused.statusCode()).as(address).isEqualTo(400);
        assertThat(refused.body()).contains("allow-private");
      }
      for (String url : List.of("ftp://example.org", "https://example.org/" + "x".repeat(2000))) {
        assertThat(send(server, "PUT", path, choice(url)).body())
            .contains("url: expected https://");
      }
      assertThat(
              send(server, "PUT", path, "{\"url\": \"https://example.org\", \"secret\": \"x\"}")
                  .body())
          .contains("secret: expected whsec_");
      assertThat(
              send(
                      server,
                      "PUT",
                      path,
                      choice("https://example.org").replace("}", ", \"events\": [\"x\"]}"))
                  .body())
          .contains("recording.ready");
      assertThat(send(server, "PUT", path, "").statusCode()).isEqualTo(400);
      assertThat(nothingIsKeptIn("session/endpoints")).isTrue();
    }
  }

  @Test
  void aKeyChoosesForItsOwnSessionsOnly() throws Exception {
    settings.put("linescribe.access.mode", "required");
    String[] names = {"app", "other"};
    for (int i = 0; i < names.length; i++) {
      String key = "linescribe.access.keys[" + i + "].";
      settings.put(key + "name", names[i]);
      settings.put(key + "sha256", sha256("ls_" + names[i]));
      settings.put(key + "scopes", "send,webhook");
    }
    try (WebhookReceiver own = new WebhookReceiver(_ -> 200);
        ApiServer server = start()) {
      open("others", Optional.of("other")).ends("not for it");
      assertThat(
              send(server, "PUT", "/sessions/others/webhook", choice(own), "X-API-Key", KEY)
                  .statusCode())
          .isEqualTo(404);
      // Nobody has these yet.
      for (String id : List.of("mine", "taken")) {
        assertThat(
                send(server, "PUT", "/sessions/" + id + "/webhook", choice(own), "X-API-Key", KEY)
                    .statusCode())
            .isEqualTo(200);
      }
      assertThat(
              send(server, "DELETE", "/sessions/mine/webhook", "", "X-API-Key", "ls_other")
                  .statusCode())
          .isEqualTo(404);
      open("taken", Optional.of("other")).ends("not for it");
      open("mine", Optional.of("app")).ends("for it");

      await().until(() -> own.finals("mine").equals(List.of(1L)));
      await().until(() -> own.of("mine").size() == 2);
      assertThat(own.of("taken")).isEmpty();
      assertThat(own.of("others")).isEmpty();
    }
  }

  private void keys(String... names) throws Exception {
    settings.put("linescribe.access.mode", "required");
    for (int i = 0; i < names.length; i++) {
      String key = "linescribe.access.keys[" + i + "].";
      settings.put(key + "name", names[i]);
      settings.put(key + "sha256", sha256("ls_" + names[i]));
      settings.put(key + "scopes", "send,webhook");
    }
  }

  private static int choose(ApiServer server, String key, String id, WebhookReceiver receiver)
      throws Exception {
    return send(server, "PUT", "/sessions/" + id + "/webhook", choice(receiver), "X-API-Key", key)
        .statusCode();
  }

  @Test
  void aChoiceForASessionThatBecomesAnothersIsForgottenAndTheOwnersTaken() throws Exception {
    keys("app", "other");
    try (WebhookReceiver own = new WebhookReceiver(_ -> 200);
        WebhookReceiver foreign = new WebhookReceiver(_ -> 200);
        ApiServer server = start()) {
      assertThat(choose(server, "ls_other", "wanted", foreign)).isEqualTo(200);
      assertThat(choose(server, "ls_app", "wanted", own)).as("not there yet").isEqualTo(404);
      open("wanted", Optional.of("app")).ends("for its owner");
      assertThat(nothingIsKeptIn("session/endpoints")).as("the place is free").isTrue();
      assertThat(choose(server, "ls_other", "wanted", foreign)).isEqualTo(404);
      assertThat(choose(server, "ls_app", "wanted", own)).isEqualTo(200);

      await().until(() -> own.finals("wanted").equals(List.of(1L)));
      assertThat(foreign.of("wanted")).isEmpty();
    }
  }

  @Test
  void oneKeyCannotTakeAllPlacesForSessionsThatNeverCome() throws Exception {
    keys("app", "other");
    settings.put("linescribe.webhooks.max-pending", "20");
    try (WebhookReceiver own = new WebhookReceiver(_ -> 200);
        ApiServer server = start()) {
      for (String id : List.of("never-1", "never-2")) {
        assertThat(choose(server, "ls_other", id, own)).isEqualTo(200);
      }
      assertThat(choose(server, "ls_other", "never-3", own)).isEqualTo(503);
      assertThat(choose(server, "ls_other", "never-2", own)).as("in its place").isEqualTo(200);
      assertThat(choose(server, "ls_app", "comes", own)).isEqualTo(200);
      open("there", Optional.of("other"));
      assertThat(choose(server, "ls_other", "there", own))
          .as("a session of its own")
          .isEqualTo(200);
      // One that comes is no early one any more.
      open("never-1", Optional.of("other"));
      assertThat(choose(server, "ls_other", "never-3", own)).isEqualTo(200);
    }
  }

  @Test
  void saysSoWhereASessionCannotBeToldBecauseTooManyWait() throws Exception {
    settings.put("linescribe.webhooks.max-pending", "2");
    try (WebhookReceiver own = new WebhookReceiver(_ -> 200)) {
      try (ApiServer server = start()) {
        send(server, "PUT", "/sessions/told/webhook", choice(own));
        end(open("told"));
        await().until(() -> own.types("told").contains("session.ended"));
        await().until(() -> nothingIsKeptIn("session/pending"));
        own.answers(_ -> 503);
        send(server, "PUT", "/sessions/waits/webhook", choice(own));
        open("waits").ends("text");
        await().until(() -> !nothingIsKeptIn("session/pending"));
      }
      settings.put("linescribe.webhooks.max-pending", "1");
      try (ApiServer server = start()) {
        HttpResponse<String> refused = send(server, "PUT", "/sessions/told/webhook", choice(own));
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).contains("max-pending");
        assertThat(send(server, "PUT", "/sessions/waits/webhook", choice(own)).statusCode())
            .as("it has its place")
            .isEqualTo(200);
      }
    }
  }

  private static String sha256(String key) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
  }
}
