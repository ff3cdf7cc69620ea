package org.linescribe.api.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.FakeSessions.FakeSession;
import org.linescribe.api.WebSocketClient;
import org.linescribe.session.Sessions;
import tools.jackson.databind.JsonNode;

/** What the running server says, held against the documents that it serves. */
class AnswersTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private static Path folder;
  private static FakeSessions sessions;
  private static ApiServer server;
  private static Document http;
  private static Document events;

  private static Map<String, Object> settings(String name) {
    Map<String, Object> settings = new TreeMap<>();
    settings.put("linescribe.audio-sessions.storage-path", folder.resolve(name).toString());
    settings.put("linescribe.socketio.storage-path", folder.resolve(name + "-rec").toString());
    settings.put("linescribe.files.directory", folder.resolve(name + "-uploads").toString());
    return settings;
  }

  @BeforeAll
  static void startServer() throws IOException, InterruptedException {
    sessions = new FakeSessions();
    server = ApiServer.start(sessions, settings("open"));
    http = Document.of(server, "/openapi.json");
    events = Document.of(server, "/asyncapi.json");
    FakeSession known = sessions.session("known");
    known.ends("one two");
    known.ends("three");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "/sessions,                            /sessions,                               200",
    "/sessions?limit=0,                    /sessions,                               400",
    "/sessions/known,                      /sessions/{session_id},                  200",
    "/sessions/nobody,                     /sessions/{session_id},                  404",
    "/sessions/a%20b,                      /sessions/{session_id},                  400",
    "/sessions/known/segments,             /sessions/{session_id}/segments,         200",
    "/sessions/known/segments?limit=1,     /sessions/{session_id}/segments,         200",
    "/sessions/nobody/segments,            /sessions/{session_id}/segments,         404",
    "/sessions/known/segments?from_seq=x,  /sessions/{session_id}/segments,         400",
    "/sessions/known/events?from_seq=0,    /sessions/{session_id}/events,           400",
    "/streaming/stats,                     /streaming/stats,                        200",
    "/api/audio/sessions,                  /api/audio/sessions,                     200",
    "/api/audio/sessions?status=odd,       /api/audio/sessions,                     422",
    "/api/audio/sessions/nobody,           /api/audio/sessions/{session_id},        404",
    "/audio/task/nobody,                   /audio/task/{task_id},                   404",
    "/audio/task/a%20b,                    /audio/task/{task_id},                   400",
    "/audio/task/nobody/events,            /audio/task/{task_id}/events,            404",
    "/socket.io/?EIO=4&transport=polling,  /socket.io/,                             200",
    "/socket.io?EIO=4&transport=polling,   /socket.io,                              200",
    "/socket.io/?EIO=4&transport=polling&sid=none, /socket.io/,                     400",
    "/socket.io/?EIO=3&transport=polling,  /socket.io/,                             400",
    "/static/audio/none.wav,               /static/audio/{name},                    404",
    "/health,                              /health,                                 200",
    "/health/live,                         /health/live,                            200",
    "/health/ready,                        /health/ready,                           200",
    "/docs,                                /docs,                                   200",
    "/docs/events,                         /docs/events,                            200",
    "/redoc,                               /redoc,                                  200",
    "/docs/assets/none.js,                 /docs/assets/{name},                     404",
    "/openapi.yaml,                        /openapi.yaml,                           200",
    "/openapi.json,                        /openapi.json,                           200",
    "/asyncapi.yaml,                       /asyncapi.yaml,                          200",
    "/asyncapi.json,                       /asyncapi.json,                          200",
  })
  void areAsDocumented(String path, String template, int status) throws Exception {
    HttpResponse<String> answer = get(server.http(path));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    http.holds("get", template, answer);
  }

  @Test
  void areAsDocumentedWhereTheGatewayIsNotReady() throws Exception {
    FakeSessions own = new FakeSessions();
    own.readiness(new Sessions.Readiness(false, false, false, 3, "draining"));
    try (ApiServer unready = ApiServer.start(own, settings("unready"))) {
      HttpResponse<String> ready = get(unready.http("/health/ready"));
      assertThat(ready.statusCode()).isEqualTo(503);
      http.holds("get", "/health/ready", ready);
      http.holds("get", "/health", get(unready.http("/health")));
    }
  }

  @Test
  void areAsDocumentedWhereAKeyIsAskedFor() throws Exception {
    Map<String, Object> keyed = settings("keyed");
    keyed.put("linescribe.access.keys[0].name", "crm");
    // The hash of the key "key".
    keyed.put(
        "linescribe.access.keys[0].sha256",
        "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683");
    keyed.put("linescribe.access.keys[0].burst", "1");
    keyed.put("linescribe.access.keys[0].requests-per-second", "1");
    try (ApiServer asked = ApiServer.start(new FakeSessions(), keyed)) {
      HttpResponse<String> none = get(asked.http("/sessions"));
      assertThat(none.statusCode()).isEqualTo(401);
      http.holds("get", "/sessions", none);
      HttpResponse<String> foreign =
          get(asked.http("/sessions"), "Origin", "https://elsewhere.example");
      assertThat(foreign.statusCode()).isEqualTo(403);
      http.holds("get", "/sessions", foreign);
      HttpResponse<String> answer = get(asked.http("/sessions"), "X-API-Key", "key");
      assertThat(answer.statusCode()).isEqualTo(200);
      while (answer.statusCode() != 429) {
        answer = get(asked.http("/sessions"), "X-API-Key", "key");
      }
      http.holds("get", "/sessions", answer);
    }
  }

  @Test
  void areAsDocumentedInAnEventStream() throws Exception {
    FakeSession session = sessions.session("streamed");
    session.ends("one two");
    StringBuilder stream = new StringBuilder();
    Process curl =
        new ProcessBuilder(
                "curl",
                "--silent",
                "--no-buffer",
                "--max-time",
                "60",
                server.http("/sessions/streamed/events"))
            .start();
    Thread reader =
        Thread.ofVirtual()
            .start(
                () ->
                    curl.inputReader()
                        .lines()
                        .forEach(
                            line -> {
                              synchronized (stream) {
                                stream.append(line).append('\n');
                              }
                            }));
    try {
      await().until(() -> session.readers() == 1);
      session.hears("thr");
      session.ends("three");
      session.announceEnd("disconnect");
      await()
          .until(
              () -> {
                synchronized (stream) {
                  return stream.toString().contains("\"ended\"");
                }
              });
    } finally {
      curl.destroy();
      reader.join();
    }
    JsonNode schema = http.root().at("/components/schemas/TranscriptEvent");
    http.eventsHold("events", schema, stream.toString());
    assertThat(stream.toString()).contains("\"partial\"", "\"final\"", "\"ended\"");
  }

  /** A whole WAV: one second of a tone, 16 kHz, mono. */
  private static byte[] wav() {
    int samples = 16_000;
    ByteBuffer wav = ByteBuffer.allocate(44 + 2 * samples).order(ByteOrder.LITTLE_ENDIAN);
    wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 2 * samples);
    wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    wav.putShort((short) 1).putShort((short) 1).putInt(16_000).putInt(32_000);
    wav.putShort((short) 2).putShort((short) 16);
    wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(2 * samples);
    for (int n = 0; n < samples; n++) {
      wav.putShort((short) (8000 * Math.sin(2 * Math.PI * 440 * n / 16_000)));
    }
    return wav.array();
  }

  private static HttpResponse<String> upload(String path, String part, byte[] file)
      throws IOException, InterruptedException {
    return upload(server, path, part, file);
  }

  private static HttpResponse<String> upload(ApiServer to, String path, String part, byte[] file)
      throws IOException, InterruptedException {
    String boundary = "boundary-of-the-test";
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(
        ("--"
                + boundary
                + "\r\nContent-Disposition: form-data; name=\"include_insights\"\r\n\r\ntrue\r\n--"
                + boundary
                + "\r\nContent-Disposition: form-data; name=\""
                + part
                + "\"; filename=\"a.wav\"\r\nContent-Type: application/octet-stream\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    body.writeBytes(file);
    body.writeBytes(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII));
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(to.http(path)))
            .timeout(Duration.ofSeconds(60))
            .header("Content-Type", "multipart/form-data; boundary=" + boundary)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/audio/process-stream", "/audio/process-stream-realtime"})
  void areAsDocumentedInTheStreamsOfAFile(String path) throws Exception {
    HttpResponse<String> answer = upload(path, "audio", wav());

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).contains("\"submitted\"").contains("\"completed\"");
    http.holds("post", path, answer);
  }

  @Test
  void areAsDocumentedForATaskThatIsAskedFor() throws Exception {
    HttpResponse<String> submitted = upload("/audio/process", "audio", wav());
    assertThat(submitted.statusCode()).isEqualTo(202);
    http.holds("post", "/audio/process", submitted);
    String task = "/audio/task/" + json(submitted).get("task_id").asString();

    await()
        .until(
            () -> {
              HttpResponse<String> polled = get(server.http(task));
              http.holds("get", "/audio/task/{task_id}", polled);
              return json(polled).get("status").asString().equals("completed");
            });
    http.holds("get", "/audio/task/{task_id}/events", get(server.http(task + "/events")));
  }

  @Test
  void areAsDocumentedForAFileThatIsNone() throws Exception {
    HttpResponse<String> text =
        upload("/audio/process", "audio", "no audio at all".getBytes(StandardCharsets.US_ASCII));
    assertThat(text.statusCode()).isEqualTo(415);
    http.holds("post", "/audio/process", text);
    HttpResponse<String> other = upload("/audio/process-stream", "other", wav());
    assertThat(other.statusCode()).isEqualTo(422);
    http.holds("post", "/audio/process-stream", other);
    HttpResponse<String> plain =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(server.http("/audio/process")))
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .header("Content-Type", "application/json")
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(plain.statusCode()).isEqualTo(415);
    http.holds("post", "/audio/process", plain);
  }

  @Test
  void areAsDocumentedForChunksOverHttp() throws Exception {
    HttpResponse<String> first =
        upload("/stt/stream-chunk?language=en&sample_rate=16000", "audio_chunk", new byte[3200]);
    assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
    http.holds("post", "/stt/stream-chunk", first);
    String id = json(first).get("session_id").asString();
    FakeSession session = sessions.session(id);
    session.ends("one two");
    session.hears("three");
    HttpResponse<String> last =
        upload(
            "/stt/stream-chunk?is_final_chunk=true&session_id=" + id,
            "audio_chunk",
            new byte[3200]);
    assertThat(last.body()).contains("one two");
    http.holds("post", "/stt/stream-chunk", last);
    HttpResponse<String> wrong =
        upload("/stt/stream-chunk?sample_rate=1", "audio_chunk", new byte[320]);
    assertThat(wrong.statusCode()).isEqualTo(400);
    http.holds("post", "/stt/stream-chunk", wrong);
  }

  private static void messagesHold(String address, List<String> messages) {
    assertThat(messages).isNotEmpty();
    messages.forEach(message -> events.messageHolds(address, json(message)));
  }

  @Test
  void areAsDocumentedWhereTheGatewayFails() throws Exception {
    FakeSessions own = new FakeSessions();
    own.fail(new IllegalStateException("secret words of a fault"));
    try (ApiServer failing = ApiServer.start(own, settings("failing"))) {
      HttpResponse<String> failed =
          upload(failing, "/stt/stream-chunk", "audio_chunk", new byte[320]);
      assertThat(failed.statusCode()).isEqualTo(500);
      assertThat(json(failed)).isEqualTo(json("{\"error\": \"Internal server error\"}"));
      http.holds("post", "/stt/stream-chunk", failed);
    }
  }

  @Test
  void areAsDocumentedForAForcedStop() throws Exception {
    HttpResponse<String> refused = post("/streaming/force_stop?sid=none");
    assertThat(refused.statusCode()).isEqualTo(400);
    http.holds("post", "/streaming/force_stop", refused);
  }

  private static HttpResponse<String> post(String path) throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(server.http(path)))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Socket.IO's packets by hand: what they carry is an event's name and its payload. */
  @Test
  void areAsDocumentedInTheSocketIoNamespace() throws Exception {
    String event = "42/streaming,";
    try (WebSocketClient client =
        WebSocketClient.connect(
            server.ws("/socket.io/?EIO=4&transport=websocket&format=pcm16&session_id=socket"))) {
      client.send("40/streaming,");
      await().until(() -> client.received().stream().anyMatch(text -> text.startsWith(event)));
      client.send("451-/streaming,[\"audio_chunk\",{\"chunk\":{\"_placeholder\":true,\"num\":0}}]");
      client.send(new byte[3200]);
      await().until(() -> client.received().toString().contains("received chunk"));
      sessions.session("socket").hears("one");
      sessions.session("socket").ends("one two");
      client.send(event + "[\"audio_chunk\",{\"chunk\":\"no bytes\"}]");
      client.send(event + "[\"stop_recording\"]");
      await().until(() -> client.received().toString().contains("result_file_path"));
      List<JsonNode> told =
          client.received().stream()
              .filter(text -> text.startsWith(event))
              .map(text -> json(text.substring(event.length())))
              .toList();
      assertThat(told)
          .extracting(packet -> packet.get(0).asString())
          .contains("response", "transcript", "error", "result_file_path");
      for (JsonNode packet : told) {
        JsonNode message =
            events.root().at("/channels/socketIo/messages/" + packet.get(0).asString());
        events.holds(
            packet.get(0).asString(), events.follow(message).get("payload"), packet.get(1));
      }
    }
  }

  @Test
  void areAsDocumentedOnTheTranscribeSocket() throws Exception {
    FakeSession session = sessions.session("transcribed");
    try (WebSocketClient source =
        WebSocketClient.connect(server.ws("/ws/transcribe/transcribed?codec=pcmu"))) {
      source.send(new byte[160]);
      source.next();
      session.hears("one");
      session.ends("one two");
      await()
          .until(() -> source.received().stream().anyMatch(message -> message.contains("final")));
      messagesHold("/ws/transcribe/{session_id}", source.received());
    }
  }

  @Test
  void areAsDocumentedOnTheSubscribeSocket() throws Exception {
    FakeSession session = sessions.session("subscribed");
    session.ends("one");
    try (WebSocketClient reader = WebSocketClient.connect(server.ws("/ws/subscribe/subscribed"))) {
      reader.next();
      session.hears("tw");
      session.ends("two");
      session.announceEnd("disconnect");
      await()
          .until(() -> reader.received().stream().anyMatch(message -> message.contains("ended")));
      messagesHold("/ws/subscribe/{session_id}", reader.received());
    }
  }

  @Test
  void areAsDocumentedOnTheSpeechToTextSocket() throws Exception {
    FakeSession session = sessions.session("spoken");
    try (WebSocketClient source =
        WebSocketClient.connect(server.ws("/stt/stream?session_id=spoken&provider=google"))) {
      source.next();
      source.send(new byte[640]);
      session.hears("one");
      session.ends("one two");
      source.send("{\"type\":\"keepalive\"}");
      source.send("{\"type\":\"finalize\"}");
      source.send("{\"type\":\"odd\"}");
      source.send("no json");
      source.send("{\"type\":\"end\"}");
      assertThat(source.closed().code()).isEqualTo(1000);
      messagesHold("/stt/stream", source.received());
      assertThat(String.join(" ", source.received()))
          .contains("session_started", "transcription", "finalized", "session_ended", "error");
    }
    try (WebSocketClient refused =
        WebSocketClient.connect(server.ws("/stt/stream?sample_rate=11025"))) {
      assertThat(refused.closed().code()).isEqualTo(1008);
      messagesHold("/stt/stream", refused.received());
    }
  }

  @Test
  void areAsDocumentedForAnAudioSession() throws Exception {
    String id;
    try (WebSocketClient first =
        WebSocketClient.connect(server.ws("/api/ws/audio?sample_rate=16000&user_id=user123"))) {
      first.send(wav());
      id = json(first.next()).get("session_id").asString();
      first.send("{\"type\":\"control\",\"action\":\"odd\"}");
      first.send("no json");
      first.next();
      first.next();
      http.holds(
          "get", "/api/audio/sessions/{session_id}", get(server.http("/api/audio/sessions/" + id)));
      http.holds("get", "/api/audio/sessions", get(server.http("/api/audio/sessions?status=all")));
      try (WebSocketClient second = WebSocketClient.connect(server.ws("/api/ws/audio/" + id))) {
        second.send(new byte[3200]);
        second.next();
        messagesHold("/api/ws/audio/{session_id}", second.received());
        HttpResponse<String> closed = post("/api/audio/sessions/" + id + "/close");
        assertThat(closed.statusCode()).isEqualTo(200);
        http.holds("post", "/api/audio/sessions/{session_id}/close", closed);
        assertThat(second.closed().code()).isEqualTo(1000);
      }
      assertThat(first.closed().code()).isEqualTo(1000);
      messagesHold("/api/ws/audio", first.received());
    }
    try (WebSocketClient refused =
        WebSocketClient.connect(server.ws("/api/ws/audio?sample_rate=1"))) {
      assertThat(refused.closed().code()).isEqualTo(1008);
      messagesHold("/api/ws/audio", refused.received());
    }
    try (WebSocketClient unknown =
        WebSocketClient.connect(server.ws("/api/ws/audio/invalid-uuid"))) {
      assertThat(unknown.closed().code()).isEqualTo(1008);
      messagesHold("/api/ws/audio/{session_id}", unknown.received());
    }
  }
}
