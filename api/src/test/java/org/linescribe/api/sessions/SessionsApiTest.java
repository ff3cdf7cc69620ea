package org.linescribe.api.sessions;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSession;
import org.linescribe.api.FakeSessions;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionId;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;
import tools.jackson.databind.JsonNode;

class SessionsApiTest {
  private static FakeSessions sessions;
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    sessions = new FakeSessions();
    server = ApiServer.start(sessions, Map.of("linescribe.api.keep-alive", "1s"));
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  void pagesThroughSessionsNewestFirst() throws IOException, InterruptedException {
    FakeSessions three = new FakeSessions();
    three.session("a").ends("one");
    three.session("b").ends("one");
    three.session("c").ends("one");
    try (ApiServer paged = ApiServer.start(three, Map.of())) {
      HttpResponse<String> first = get(paged.http("/sessions?limit=2"));
      assertThat(json(first).get("next_before").asString()).isEqualTo("b");
      assertThat(json(first).get("sessions").get(0))
          .isEqualTo(
              json(
                  """
                  {"session_id": "c", "kind": "websocket", "legs": ["caller"],
                   "started_at": "2026-01-01T00:00:00Z", "ended_at": null, "end_reason": null,
                   "last_seq": 1, "live": false, "attributes": {"codec": "pcmu"}}
                  """));

      HttpResponse<String> second = get(paged.http("/sessions?limit=2&before=b"));
      assertThat(json(second).get("sessions").size()).isEqualTo(1);
      assertThat(json(second).has("next_before")).isFalse();
    }
  }

  @Test
  void pagesThroughSegments() throws IOException, InterruptedException {
    FakeSession session = sessions.session("paged");
    for (int n = 1; n <= 5; n++) {
      session.ends("number " + n);
    }
    HttpResponse<String> first = get(server.http("/sessions/paged/segments?from_seq=2&limit=3"));
    assertThat(json(first).get("segments").get(0))
        .isEqualTo(
            json(
                """
                {"seq": 2, "leg": "caller", "text": "number 2", "start_ms": 1000, "end_ms": 1900,
                 "model": "fake", "created_at": "2026-01-01T00:00:01Z",
                 "tokens": [{"text": "number 2", "start_ms": 1000}]}
                """));
    assertThat(json(first).get("next_from_seq").asLong()).isEqualTo(5);

    HttpResponse<String> last = get(server.http("/sessions/paged/segments?from_seq=5&limit=3"));
    assertThat(json(last).get("segments").size()).isEqualTo(1);
    assertThat(json(last).has("next_from_seq")).isFalse();
  }

  @Test
  void findsTheSessionsOfACallByItsCallId() throws Exception {
    String callId = "a84b4c76/e66710@pc33.example.com";
    sessions.open(
        new SourceRequest(
            new SessionId("of-the-call"),
            "sip",
            Optional.of("head-office"),
            List.of(new SourceRequest.Leg("caller", 8000)),
            RecognitionRequest.DEFAULT,
            Map.of("call_id", callId)),
        new SourceListener() {
          @Override
          public void onEvent(TranscriptEvent event) {}

          @Override
          public void onClosed(SourceClosed reason) {}
        });

    JsonNode found =
        json(get(server.http("/sessions?call_id=" + URLEncoder.encode(callId, UTF_8))));

    assertThat(found.get("sessions").size()).isEqualTo(1);
    assertThat(found.get("sessions").get(0).get("session_id").asString()).isEqualTo("of-the-call");
    assertThat(found.get("sessions").get(0).get("owner").asString()).isEqualTo("head-office");
    assertThat(json(get(server.http("/sessions?call_id=%25"))).get("sessions").size()).isZero();
    refuses("/sessions?call_id=", "call_id: expected a SIP Call-ID");
  }

  @Test
  void findsOneSession() throws IOException, InterruptedException {
    sessions.session("one").ends("text");
    assertThat(json(get(server.http("/sessions/one"))).get("last_seq").asLong()).isEqualTo(1);
  }

  @Test
  void answers404ForAnUnknownSession() throws IOException, InterruptedException {
    for (String path : new String[] {"/sessions/nobody", "/sessions/nobody/segments"}) {
      HttpResponse<String> response = get(server.http(path));
      assertThat(response.statusCode()).isEqualTo(404);
      assertThat(json(response))
          .isEqualTo(json("{\"error\": \"Session not found\", \"session_id\": \"nobody\"}"));
    }
  }

  @Test
  void answers400InWords() throws IOException, InterruptedException {
    refuses("/sessions?limit=0", "limit: expected a whole number from 1 to 1000");
    refuses("/sessions?limit=x", "limit: expected a whole number from 1 to 1000");
    refuses("/sessions?before=a%20b", "session_id: 3 characters (expected: 1 to 128 of");
    refuses("/sessions/a%20b", "session_id: 3 characters (expected: 1 to 128 of");
    refuses("/sessions/x/segments?from_seq=0", "from_seq: expected a whole number from 1");
    refuses("/sessions/x/events?from_seq=-1", "from_seq: expected a whole number from 1");
  }

  private static void refuses(String path, String error) throws IOException, InterruptedException {
    HttpResponse<String> response = get(server.http(path));
    assertThat(response.statusCode()).as(path).isEqualTo(400);
    assertThat(json(response).get("error").asString()).startsWith(error);
  }

  @Test
  void answersAnUnknownPathInJson() throws IOException, InterruptedException {
    HttpResponse<String> response = get(server.http("/nowhere"));
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(json(response).get("error").asString()).isEqualTo("Not Found");
  }

  @NeedsTool(Tool.CURL)
  @Test
  void resumesAnEventStreamAfterTheLastEventId() throws Exception {
    FakeSession session = sessions.session("resumed");
    session.ends("one");
    session.ends("two");
    try (Curl first = new Curl(server.http("/sessions/resumed/events"))) {
      first.awaitLine("id: 2");
      session.hears("thr");
      first.awaitLine(line -> line.contains("\"thr\""));
      assertThat(first.lines()).filteredOn(line -> line.startsWith("id: ")).hasSize(2);
    }
    session.ends("three");
    await().until(() -> session.readers() == 0);

    try (Curl again =
        new Curl(server.http("/sessions/resumed/events?from_seq=1"), "Last-Event-ID: 2")) {
      again.awaitLine("id: 3");
      session.ends("four");
      again.awaitLine("id: 4");
      assertThat(again.lines())
          .filteredOn(line -> line.startsWith("id: "))
          .containsExactly("id: 3", "id: 4");
      again.awaitLine(": keep-alive");
    }
  }

  @NeedsTool(Tool.CURL)
  @Test
  void startsAnEventStreamAtANumber() throws Exception {
    FakeSession session = sessions.session("from");
    session.ends("one");
    session.ends("two");
    session.ends("three");
    try (Curl stream = new Curl(server.http("/sessions/from/events?from_seq=3"))) {
      stream.awaitLine("id: 3");
      assertThat(stream.lines()).filteredOn(line -> line.startsWith("id: ")).hasSize(1);
    }
  }

  @NeedsTool(Tool.CURL)
  @Test
  void delaysOnlyTheEventStreamThatIsNotRead() throws Exception {
    int finals = 12_000;
    String text = "many words that fill the buffers of the network ".repeat(10);
    FakeSession session = sessions.session("slow");
    try (Socket slow = new Socket();
        Curl quick = new Curl(server.http("/sessions/slow/events?wait=true"))) {
      slow.setReceiveBufferSize(4096);
      slow.connect(new InetSocketAddress("127.0.0.1", server.port()));
      slow.getOutputStream()
          .write(
              "GET /sessions/slow/events?wait=true HTTP/1.1\r\nHost: localhost\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      await().until(() -> session.readers() == 2);
      for (int n = 0; n < finals; n++) {
        session.hears(text + n);
        session.ends(text + n);
      }
      quick.awaitLine("id: " + finals);

      long next = 1;
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(slow.getInputStream(), StandardCharsets.US_ASCII))) {
        while (next <= finals) {
          String line = lines.readLine();
          if (line.startsWith("id: ")) {
            assertThat(line).isEqualTo("id: " + next);
            next++;
          }
        }
      }
    }
    await().until(() -> session.readers() == 0);
  }

  @NeedsTool(Tool.CURL)
  @Test
  void beginsTheEventStreamOfASilentSessionAtOnce() throws Exception {
    sessions.session("silent").ended("bye");
    for (String path :
        new String[] {"/sessions/silent/events?wait=true", "/sessions/x/events?wait=1"}) {
      try (Curl stream = new Curl(server.http(path))) {
        stream.awaitLine(": connected");
        stream.awaitLine(": keep-alive");
      }
    }
  }

  @Test
  void answers404ToAReaderOfAnUnknownSession() throws IOException, InterruptedException {
    for (String query : new String[] {"", "?from_seq=3", "?wait=false"}) {
      HttpResponse<String> response = get(server.http("/sessions/nobody/events" + query));
      assertThat(response.statusCode()).as(query).isEqualTo(404);
      assertThat(json(response))
          .isEqualTo(json("{\"error\": \"Session not found\", \"session_id\": \"nobody\"}"));
    }
    refuses("/sessions/nobody/events?wait=maybe", "wait: expected true or false");
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "0, 5", "3, 1", "3, 3", "3, 4", "3, 9"})
  void endsTheStreamOfAReaderThatComesAfterTheEnd(int finals, int fromSeq) throws Exception {
    String id = "over-" + finals + "-" + fromSeq;
    FakeSession session = sessions.session(id);
    for (int n = 1; n <= finals; n++) {
      session.ends("number " + n);
    }
    session.ended("bye");
    HttpResponse<String> whole =
        get(server.http("/sessions/" + id + "/events?from_seq=" + fromSeq));
    List<String> data = whole.body().lines().filter(line -> line.startsWith("data: ")).toList();
    assertThat(data).hasSize(Math.max(0, finals - fromSeq + 1) + 1);
    assertThat(json(data.getLast().substring("data: ".length())))
        .isEqualTo(
            json(
                """
                {"type": "ended", "session_id": "%s", "seq": %d, "reason": "bye"}
                """
                    .formatted(id, finals + 1)));
  }

  @NeedsTool(Tool.CURL)
  @Test
  void stopsABrowserFromReconnectingToASessionThatIsReadToItsEnd() throws Exception {
    FakeSession session = sessions.session("read");
    session.ends("one");
    session.ended("bye");
    try (Curl again = new Curl(server.http("/sessions/read/events"), "Last-Event-ID: 1")) {
      assertThat(again.exitStatus()).isZero();
      assertThat(again.lines()).isEmpty();
    }
  }

  @NeedsTool(Tool.CURL)
  @Test
  void endsEventStreamsWhenTheServerStops() throws Exception {
    FakeSessions own = new FakeSessions();
    own.session("x").ends("one");
    ApiServer stopping = ApiServer.start(own, Map.of());
    try (Curl stream = new Curl(stopping.http("/sessions/x/events"))) {
      stream.awaitLine("id: 1");
      stopping.close();
      assertThat(stream.exitStatus()).isZero();
    }
  }
}
