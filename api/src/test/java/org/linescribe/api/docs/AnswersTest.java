package org.linescribe.api.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;
import static org.linescribe.api.docs.DocumentedServer.post;
import static org.linescribe.api.docs.DocumentedServer.settings;
import static org.linescribe.api.docs.DocumentedServer.upload;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSession;
import org.linescribe.api.FakeSessions;
import org.linescribe.session.Sessions;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;
import tools.jackson.databind.JsonNode;

/** What the running server answers, held against the document that it serves. */
class AnswersTest {
  @TempDir private static Path folder;
  private static FakeSessions sessions;
  private static ApiServer server;
  private static Document http;

  @BeforeAll
  static void startServer() throws IOException, InterruptedException {
    sessions = new FakeSessions();
    server = ApiServer.start(sessions, settings(folder, "open"));
    http = Document.of(server, "/openapi.json");
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
    "/sessions?before=nobody,              /sessions,                               404",
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
    "/sessions?live=true,                  /sessions,                               200",
    "/sessions?live=odd,                   /sessions,                               400",
    "/search?text=three&limit=5,           /search,                                 200",
    "/search?party=know,                   /search,                                 200",
    "/search?limit=x,                      /search,                                 400",
    "/search?before=nobody,                /search,                                 404",
    "/system,                              /system,                                 200",
    "/system/addresses,                    /system/addresses,                       200",
    "/keys,                                /keys,                                   200",
    "/webhooks,                            /webhooks,                               200",
    "/webhooks/dead-letters,               /webhooks/dead-letters,                  200",
    "/,                                    /,                                       200",
    "/console/assets/licences.txt,         /console/assets/{name},                  200",
    "/console/assets/none.js,              /console/assets/{name},                  404",
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
    try (ApiServer unready = ApiServer.start(own, settings(folder, "unready"))) {
      HttpResponse<String> ready = get(unready.http("/health/ready"));
      assertThat(ready.statusCode()).isEqualTo(503);
      http.holds("get", "/health/ready", ready);
      http.holds("get", "/health", get(unready.http("/health")));
    }
  }

  @Test
  void areAsDocumentedWhereAKeyIsAskedFor() throws Exception {
    Map<String, Object> keyed = settings(folder, "keyed");
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

  @NeedsTool(Tool.CURL)
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
                "300",
                server.http("/sessions/streamed/events?wait=true"))
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
      // A partial that is not written yet gives way to its final.
      awaitPart(stream, "\"partial\"");
      session.ends("three");
      session.announceEnd("disconnect");
      awaitPart(stream, "\"ended\"");
    } finally {
      curl.destroy();
      reader.join();
    }
    JsonNode schema = http.root().at("/components/schemas/TranscriptEvent");
    http.eventsHold("events", schema, stream.toString());
    assertThat(stream.toString()).contains("\"partial\"", "\"final\"", "\"ended\"");
  }

  private static void awaitPart(StringBuilder stream, String part) {
    await()
        .until(
            () -> {
              synchronized (stream) {
                return stream.toString().contains(part);
              }
            });
  }

  @Test
  void areAsDocumentedForChunksOverHttp() throws Exception {
    HttpResponse<String> first =
        upload(
            server,
            "/stt/stream-chunk?session_id=chunks&language=en&sample_rate=16000",
            "audio_chunk",
            new byte[3200]);
    assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
    http.holds("post", "/stt/stream-chunk", first);
    String id = json(first).get("session_id").asString();
    FakeSession session = sessions.session(id);
    session.ends("one two");
    session.hears("three");
    HttpResponse<String> last =
        upload(
            server,
            "/stt/stream-chunk?is_final_chunk=true&session_id=" + id,
            "audio_chunk",
            new byte[3200]);
    assertThat(last.body()).contains("one two");
    http.holds("post", "/stt/stream-chunk", last);
    HttpResponse<String> wrong =
        upload(server, "/stt/stream-chunk?sample_rate=1", "audio_chunk", new byte[320]);
    assertThat(wrong.statusCode()).isEqualTo(400);
    http.holds("post", "/stt/stream-chunk", wrong);
  }

  @Test
  void areAsDocumentedWhereTheGatewayFails() throws Exception {
    FakeSessions own = new FakeSessions();
    own.fail(new IllegalStateException("secret words of a fault"));
    try (ApiServer failing = ApiServer.start(own, settings(folder, "failing"))) {
      HttpResponse<String> failed =
          upload(failing, "/stt/stream-chunk", "audio_chunk", new byte[320]);
      assertThat(failed.statusCode()).isEqualTo(500);
      assertThat(json(failed)).isEqualTo(json("{\"error\": \"Internal server error\"}"));
      http.holds("post", "/stt/stream-chunk", failed);
    }
  }

  @Test
  void areAsDocumentedForAForcedStop() throws Exception {
    HttpResponse<String> refused = post(server, "/streaming/force_stop?sid=none");
    assertThat(refused.statusCode()).isEqualTo(400);
    http.holds("post", "/streaming/force_stop", refused);
  }
}
