package org.linescribe.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.json;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeMediaPorts;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.WebSocketClient;
import org.linescribe.api.docs.DocumentedServer;
import org.linescribe.api.docs.Routes;
import org.linescribe.api.http.ApiConfiguration;
import org.springframework.web.reactive.function.server.RouterFunction;

/**
 * One key's sessions, recordings and files on every route that reads: its own client and an
 * administrator see them, to another key they do not exist.
 */
class AccessOwnersTest {
  private static final String SESSION = "hers";
  private static final String RECORDING = "her-recording";
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Hold nothing that anybody sent. */
  private static final Set<String> NOBODYS =
      Set.of(
          "GET /",
          "GET /console/assets/{name}",
          "GET /system",
          "GET /webhooks",
          "GET /webhooks/dead-letters",
          "GET /system/addresses",
          "GET /models",
          "GET /docs",
          "GET /docs/events",
          "GET /redoc",
          "GET /docs/assets/{name}",
          "GET /openapi.yaml",
          "GET /openapi.json",
          "GET /asyncapi.yaml",
          "GET /asyncapi.json",
          "GET /health",
          "GET /health/live",
          "GET /health/ready",
          "GET /metrics",
          "GET /socket.io",
          "GET /socket.io/");

  @TempDir private static Path data;
  private static final FakeSessions SESSIONS = new FakeSessions();
  private static final List<WebSocketClient> CLIENTS = new ArrayList<>();

  /** Routes of all calls and recordings: administrators only. */
  private static final Set<String> ADMINISTRATORS =
      Set.of(
          "GET /calls",
          "GET /calls/{session_id}",
          "GET /call-records",
          "GET /keys",
          "GET /models/{name}/pull",
          "GET /recordings",
          "GET /recordings/{recording_id}",
          "GET /sessions/{session_id}/erasure");

  /** What a GET of each route shows of hers. */
  private static final Map<String, Reading> READINGS = new LinkedHashMap<>();

  private static ApiServer server;
  private static String audioSession = "";

  /**
   * @param shown by the answer to whoever may see it
   */
  private record Reading(String path, String shown) {}

  @BeforeAll
  static void sendSomething() throws Exception {
    Map<String, Object> settings = new TreeMap<>();
    for (String name : List.of("alice", "bob", "admin")) {
      String key = "linescribe.access.keys[" + List.of("alice", "bob", "admin").indexOf(name) + "]";
      settings.put(key + ".name", name);
      settings.put(key + ".sha256", KeyedServer.hash("ls_" + name));
      settings.put(
          key + ".scopes", name.equals("admin") ? "read,send,webhook,admin" : "read,send,webhook");
    }
    settings.put("linescribe.data", data.toString());
    settings.put("linescribe.socketio.transcribe", "false");
    server = ApiServer.start(SESSIONS, settings, ApiConfiguration.class, FakeMediaPorts.Line.class);
    speak("/ws/transcribe/" + SESSION);
    await().until(() -> SESSIONS.session(SESSION).request() != null);
    SESSIONS.session(SESSION).ends("her words");
    WebSocketClient recorded = speak("/api/ws/audio?transcribe=false");
    recorded.send(new byte[3200]);
    audioSession = json(recorded.next()).get("session_id").asString();
    String task =
        json(send("POST", "/audio/process", "alice", form("audio"))).get("task_id").asString();
    await().until(() -> get("/audio/task/" + task, "alice").body().contains("\"completed\""));
    assertThat(
            send(
                    "POST",
                    "/stt/stream-chunk",
                    "alice",
                    form("audio_chunk", "session_id", "her-chunks"))
                .statusCode())
        .isEqualTo(200);
    record();
    reads("GET /sessions", "/sessions", "\"" + SESSION + "\"");
    reads("GET /search", "/search?text=her", "her words");
    reads("GET /sessions/{session_id}", "/sessions/" + SESSION, "\"owner\":\"alice\"");
    reads("GET /sessions/{session_id}/segments", "/sessions/" + SESSION + "/segments", "her words");
    reads("GET /sessions/{session_id}/events", "/sessions/" + task + "/events", "ended");
    SESSIONS.owned("her-call", "alice", Map.of("route_insights", "entities")).ends("call 5550100");
    SESSIONS.session("her-call").ended("completed");
    await().until(() -> get("/sessions/her-call/insights", "alice").statusCode() == 200);
    reads("GET /sessions/{session_id}/insights", "/sessions/her-call/insights", "entities");
    chooseReceiver("her-next");
    reads("GET /sessions/{session_id}/webhook", "/sessions/her-next/webhook", "example.org");
    openPorts("her-ports");
    reads("GET /sessions/{session_id}/media", "/sessions/her-ports/media", "external_host");
    reads("GET /streaming/stats", "/streaming/stats", "\"her-chunks\"");
    reads("GET /api/audio/sessions", "/api/audio/sessions", audioSession);
    reads(
        "GET /api/audio/sessions/{session_id}", "/api/audio/sessions/" + audioSession, "file_path");
    reads("GET /audio/task/{task_id}", "/audio/task/" + task, "\"completed\"");
    reads("GET /audio/task/{task_id}/events", "/audio/task/" + task + "/events", "\"completed\"");
    reads("GET /static/audio/{name}", "/static/audio/" + RECORDING + ".wav", "RIFF");
    SESSIONS.session(task).ended("completed");
  }

  /** Of a session that never opens, so that nothing is sent. */
  private static void chooseReceiver(String session) throws Exception {
    String body =
        "{\"url\": \"https://example.org/\", \"secret\":"
            + " \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}";
    HttpResponse<String> chosen =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(server.http("/sessions/" + session + "/webhook")))
                .PUT(HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", "application/json")
                .header("X-API-Key", "ls_alice")
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(chosen.statusCode()).as(chosen.body()).isEqualTo(200);
  }

  private static void openPorts(String session) throws Exception {
    HttpResponse<String> opened =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(server.http("/sessions/" + session + "/media")))
                .POST(HttpRequest.BodyPublishers.noBody())
                .header("X-API-Key", "ls_alice")
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(opened.statusCode()).as(opened.body()).isEqualTo(201);
  }

  private static void reads(String route, String path, String shown) {
    READINGS.put(route, new Reading(path, shown));
  }

  private static WebSocketClient speak(String path) {
    WebSocketClient client = connect(path, "alice");
    CLIENTS.add(client);
    return client;
  }

  private static WebSocketClient connect(String path, String key) {
    return WebSocketClient.connect(
        server.ws(path + (path.contains("?") ? "&" : "?") + "access_token=ls_" + key));
  }

  private static WebSocketClient join(String key) throws InterruptedException {
    WebSocketClient client = connect("/socket.io/?EIO=4&transport=websocket", key);
    client.next();
    client.send("40/streaming,{\"session_id\":\"" + RECORDING + "\"}");
    return client;
  }

  private static void record() throws InterruptedException {
    WebSocketClient client = join("alice");
    CLIENTS.add(client);
    assertThat(client.next()).startsWith("40/streaming");
    client.send("451-/streaming,[\"audio_chunk\",{\"_placeholder\":true,\"num\":0}]");
    client.send(new byte[3200]);
    await().until(() -> client.received().stream().anyMatch(m -> m.contains("received chunk")));
  }

  @AfterAll
  static void stop() {
    CLIENTS.forEach(WebSocketClient::close);
    server.close();
  }

  private static byte[] form(String file, String... field) {
    StringBuilder head = new StringBuilder();
    for (int i = 0; i < field.length; i += 2) {
      head.append("--b\r\nContent-Disposition: form-data; name=\"" + field[i] + "\"\r\n\r\n")
          .append(field[i + 1] + "\r\n");
    }
    head.append("--b\r\nContent-Disposition: form-data; name=\"" + file)
        .append("\"; filename=\"a.wav\"\r\n\r\n");
    byte[] wav = DocumentedServer.wav();
    byte[] all = new byte[head.length() + wav.length + 9];
    System.arraycopy(bytes(head.toString()), 0, all, 0, head.length());
    System.arraycopy(wav, 0, all, head.length(), wav.length);
    System.arraycopy(bytes("\r\n--b--\r\n"), 0, all, all.length - 9, 9);
    return all;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  private static HttpResponse<String> get(String path, String key) throws Exception {
    return send("GET", path, key, new byte[0]);
  }

  private static HttpResponse<String> send(String method, String path, String key, byte[] body)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(server.http(path)))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
            .header("Content-Type", "multipart/form-data; boundary=b")
            .header("X-API-Key", "ls_" + key)
            .build(),
        HttpResponse.BodyHandlers.ofString(java.nio.charset.StandardCharsets.ISO_8859_1));
  }

  /** A route that this test does not know fails it: it must say whose things it shows. */
  @Test
  void everyRouteThatReadsIsTested() {
    Set<String> routes =
        Routes.of(
                server.beans(RouterFunction.class).stream()
                    .map(function -> (RouterFunction<?>) function)
                    .toList())
            .stream()
            .filter(route -> route.startsWith("GET "))
            .collect(Collectors.toSet());
    Set<String> tested = new TreeSet<>(READINGS.keySet());
    tested.addAll(NOBODYS);
    tested.addAll(ADMINISTRATORS);

    assertThat(tested).isEqualTo(new TreeSet<>(routes));
  }

  @Test
  void showsCallsAndRecordingsToAdministratorsAlone() throws Exception {
    for (String route : ADMINISTRATORS) {
      String path = route.substring("GET ".length()).replaceAll("\\{[^}]*}", SESSION);
      assertThat(get(path, "alice").statusCode()).as(route).isEqualTo(403);
      assertThat(get(path, "admin").statusCode()).as(route).isIn(200, 404);
    }
  }

  @Test
  void showsEachToItsOwnerAndToAdministratorsAlone() throws Exception {
    for (Map.Entry<String, Reading> reading : READINGS.entrySet()) {
      for (String key : List.of("alice", "admin", "bob")) {
        HttpResponse<String> response = get(reading.getValue().path(), key);
        if (key.equals("bob")) {
          assertThat(response.statusCode())
              .as(reading.getKey())
              .isIn(reading.getKey().contains("{") ? Set.of(404) : Set.of(200));
          assertThat(response.body())
              .as(reading.getKey())
              .doesNotContain(reading.getValue().shown());
        } else {
          assertThat(response.statusCode()).as(reading.getKey()).isEqualTo(200);
          assertThat(response.body()).as(reading.getKey()).contains(reading.getValue().shown());
        }
      }
    }
  }

  @Test
  void doesNotShowWhereInTheListAnothersSessionIs() throws Exception {
    assertThat(get("/sessions?before=" + SESSION, "bob").statusCode()).isEqualTo(404);
    assertThat(get("/sessions?before=" + SESSION, "alice").statusCode()).isEqualTo(200);
    assertThat(get("/sessions?live=true", "bob").body()).doesNotContain(SESSION);
    assertThat(get("/sessions?live=true", "alice").body()).contains(SESSION);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?wait=true"})
  void subscribesToAnothersSessionAsToNone(String wait) throws Exception {
    String path = "/ws/subscribe/" + SESSION + wait;
    try (WebSocketClient bob = connect(path, "bob");
        WebSocketClient alice = connect(path, "alice");
        WebSocketClient admin = connect(path, "admin")) {
      assertThat(alice.next()).contains("her words");
      assertThat(admin.next()).contains("her words");
      if (wait.isEmpty()) {
        assertThat(bob.closed().code()).isEqualTo(4404);
      } else {
        await().until(() -> SESSIONS.session(SESSION).readers() >= 3);
        SESSIONS.session(SESSION).hears("her next words");
        assertThat(alice.next()).contains("her next words");
        assertThat(bob.received()).isEmpty();
      }
    }
  }

  @Test
  void followsAnothersCallFromTheApiThatSendsAudioNeither() throws Exception {
    try (WebSocketClient bob = connect("/ws/transcribe/" + SESSION, "bob")) {
      assertThat(bob.closed().code()).isEqualTo(4009);
    }
  }

  @Test
  void joinsAndEndsNothingOfAnothers() throws Exception {
    try (WebSocketClient bob = connect("/api/ws/audio/" + audioSession, "bob")) {
      assertThat(bob.next()).contains("Session not found");
    }
    String close = "/api/audio/sessions/" + audioSession + "/close";
    assertThat(send("POST", close, "bob", new byte[0]).statusCode()).isEqualTo(404);
    String stop = "/streaming/force_stop?sid=" + RECORDING;
    assertThat(send("POST", stop, "bob", new byte[0]).statusCode()).isEqualTo(400);
    try (WebSocketClient bob = join("bob")) {
      assertThat(bob.next()).startsWith("44/streaming").contains("another client has it");
    }
    assertThat(
            send(
                    "POST",
                    "/stt/stream-chunk",
                    "bob",
                    form("audio_chunk", "session_id", "her-chunks"))
                .statusCode())
        .isEqualTo(409);
  }
}
