package org.linescribe.api.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.http.ApiConfiguration;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.AnnouncementTimes;
import org.linescribe.session.calls.CallControl;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.LegQuality;
import org.linescribe.session.calls.OpenCall;
import org.linescribe.session.calls.QualitySample;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.JsonNode;

class CallsApiTest {
  private static final Instant AT = Instant.parse("2026-01-20T10:30:00.123456Z");
  private static final SessionId ONE = new SessionId("one");
  private static final OpenCall CALL =
      new OpenCall(
          ONE,
          "a84b4c@pc33",
          "siprec",
          Optional.of("carrier"),
          "sip:alice@example.com",
          "sip:bob@example.com",
          "udp",
          "active",
          AT,
          Optional.of(AT),
          false,
          "on",
          Optional.of(new AnnouncementTimes(AT, Optional.empty())),
          List.of(
              new LegQuality("1", "pcmu", 98, 1, 1, 0, 1.2345, 40)
                  .with(List.of(new QualitySample(5000, 10, 1.5)))));

  private static final SessionId RINGING = new SessionId("ringing");

  private static OpenCall ringing() {
    return new OpenCall(
        RINGING,
        "b84b4c@pc33",
        "sip",
        Optional.empty(),
        "sip:alice@example.com",
        "sip:bob@example.com",
        "udp",
        "ringing",
        AT,
        Optional.empty(),
        false,
        "off",
        Optional.empty(),
        List.of());
  }

  private static final FakeSessions SESSIONS = new FakeSessions();
  private static final FakeLine LINE = new FakeLine();
  private static ApiServer server;

  /** A line with one call that is listed, and one that rings and is not recorded. */
  private static final class FakeLine implements CallControl {
    final List<String> orders = new ArrayList<>();

    @Override
    public List<OpenCall> open() {
      return List.of(CALL);
    }

    @Override
    public Optional<OpenCall> find(SessionId sessionId) {
      return sessionId.equals(ONE)
          ? Optional.of(CALL)
          : sessionId.equals(RINGING) ? Optional.of(ringing()) : Optional.empty();
    }

    @Override
    public boolean hangUp(SessionId sessionId) {
      orders.add("hangup " + sessionId);
      return sessionId.equals(ONE);
    }

    @Override
    public boolean record(SessionId sessionId, RecordingOrder order) {
      orders.add(order + " " + sessionId);
      return sessionId.equals(ONE);
    }

    @Override
    public boolean mark(SessionId sessionId, CallMark mark) {
      marked = mark;
      return sessionId.equals(ONE);
    }

    @Override
    public boolean pause(SessionId sessionId, boolean paused) {
      orders.add((paused ? "pause " : "resume ") + sessionId);
      return sessionId.equals(ONE);
    }
  }

  /** The moment that was marked last. */
  private static CallMark marked = new CallMark(0, "none");

  /** Records of three calls. */
  private static final class FakeLog implements CallLog {
    static final List<CallRecord> RECORDS =
        List.of(ended("four", 3), ended("three", 2), ended("two", 1));

    private static CallRecord ended(String id, int minute) {
      Instant start = AT.plusSeconds(60L * minute);
      return new CallRecord(
          new SessionId(id),
          "call-" + id,
          "sip",
          Optional.empty(),
          "sip:a@x",
          "sip:b@x",
          "udp",
          start,
          Optional.of(start),
          Optional.of(
              new AnnouncementTimes(start.plusSeconds(1), Optional.of(start.plusSeconds(4)))),
          start.plusSeconds(5),
          "bye",
          List.of());
    }

    @Override
    public void keep(CallRecord record) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void onKeep(Listener told) {
      // It keeps nothing.
    }

    @Override
    public List<CallRecord> list(Optional<Instant> startedBefore, int limit) {
      return RECORDS.stream()
          .filter(r -> startedBefore.isEmpty() || r.startedAt().isBefore(startedBefore.get()))
          .limit(limit)
          .toList();
    }

    @Override
    public Optional<CallRecord> newest(SessionId sessionId) {
      return RECORDS.stream().filter(r -> r.sessionId().equals(sessionId)).findFirst();
    }
  }

  /** The assembly's line. */
  static class Line {
    @Bean
    CallControl callControl() {
      return LINE;
    }

    @Bean
    CallLog callLog() {
      return new FakeLog();
    }
  }

  @BeforeAll
  static void startServer() {
    SESSIONS.owned("one", "carrier");
    SESSIONS.owned("two", "carrier");
    SESSIONS.owned("ringing", "carrier");
    server = ApiServer.start(SESSIONS, Map.of(), ApiConfiguration.class, Line.class);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static HttpResponse<String> post(String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(server.http(path)))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void listsTheCallsThatGoOnWithTheirQuality() throws Exception {
    JsonNode call = json(get(server.http("/calls"))).get("calls").get(0);

    assertThat(call.get("session_id").asString()).isEqualTo("one");
    assertThat(call.get("state").asString()).isEqualTo("active");
    assertThat(call.get("trunk").asString()).isEqualTo("carrier");
    assertThat(call.get("paused").asBoolean()).isFalse();
    assertThat(call.has("ended_at")).isFalse();
    assertThat(call.get("announcement").has("started_at")).isTrue();
    assertThat(call.get("announcement").has("ended_at")).isFalse();
    JsonNode leg = call.get("legs").get(0);
    assertThat(leg.get("loss_percent").asDouble()).isEqualTo(1.02);
    assertThat(leg.get("jitter_ms").asDouble()).isEqualTo(1.23);
    assertThat(leg.get("mos").asDouble()).isBetween(3.5, 4.4);
    assertThat(leg.get("backlog_ms").asInt()).isEqualTo(40);
  }

  @Test
  void findsACallThatGoesOnOneThatEndedAndNoOther() throws Exception {
    assertThat(json(get(server.http("/calls/one"))).get("state").asString()).isEqualTo("active");
    JsonNode ended = json(get(server.http("/calls/two")));
    assertThat(ended.get("state").asString()).isEqualTo("ended");
    assertThat(ended.get("outcome").asString()).isEqualTo("bye");
    assertThat(ended.has("paused")).isFalse();
    assertThat(ended.at("/announcement/started_at").asString())
        .isEqualTo("2026-01-20T10:31:01.123456Z");
    assertThat(ended.at("/announcement/ended_at").asString())
        .isEqualTo("2026-01-20T10:31:04.123456Z");
    assertThat(get(server.http("/calls/nobody")).statusCode()).isEqualTo(404);
    assertThat(get(server.http("/calls/a%20b")).statusCode()).isEqualTo(400);
  }

  @Test
  void showsACallsQualityOverTimeWhereOneIsAskedFor() throws Exception {
    JsonNode sample = json(get(server.http("/calls/one"))).at("/legs/0/samples/0");
    assertThat(sample.get("at_ms").asLong()).isEqualTo(5000);
    assertThat(sample.get("loss_percent").asDouble()).isEqualTo(10);
    assertThat(sample.get("jitter_ms").asDouble()).isEqualTo(1.5);
    assertThat(sample.get("mos").asDouble()).isLessThan(2);
    assertThat(json(get(server.http("/calls"))).at("/calls/0/legs/0").has("samples")).isFalse();
  }

  @Test
  void marksAMomentOfACall() throws Exception {
    HttpResponse<String> set = post("/calls/one/mark", "{\"text\": \" <b>complaint</b> \"}");
    assertThat(set.statusCode()).isEqualTo(201);
    assertThat(json(set).get("text").asString()).isEqualTo("<b>complaint</b>");
    assertThat(json(set).get("at_ms").asLong()).isEqualTo(marked.atMs()).isPositive();
    assertThat(post("/calls/one/mark").statusCode()).isEqualTo(201);
    assertThat(marked.text()).isEmpty();
    assertThat(post("/calls/two/mark").statusCode()).as("a session without a call").isEqualTo(404);
    assertThat(post("/calls/nobody/mark").statusCode()).isEqualTo(404);
    assertThat(
            post("/calls/one/mark", "{\"text\": \"%s\"}".formatted("x".repeat(201))).statusCode())
        .isEqualTo(400);
    assertThat(post("/calls/one/mark", "[").statusCode()).isEqualTo(400);
  }

  @Test
  void aCallThatRingsHasNoMomentToMark() throws Exception {
    CallMark before = marked;

    HttpResponse<String> refused = post("/calls/ringing/mark", "{\"text\": \"complaint\"}");

    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(json(refused).get("error").asString()).isEqualTo("The call is not answered yet");
    assertThat(marked).isSameAs(before);
  }

  @Test
  void aCallOfAKindThatIsNotRecordedIsNoCallThatIsMissing() throws Exception {
    assertThat(post("/calls/ringing/recording/start").statusCode()).isEqualTo(409);
    assertThat(post("/calls/nobody/recording/start").statusCode()).isEqualTo(404);
  }

  private static HttpResponse<String> post(String path, String json) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(server.http(path)))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void controlsACall() throws Exception {
    LINE.orders.clear();
    assertThat(post("/calls/one/pause").statusCode()).isEqualTo(202);
    assertThat(post("/calls/one/resume").statusCode()).isEqualTo(202);
    assertThat(post("/calls/one/hangup").statusCode()).isEqualTo(202);
    assertThat(LINE.orders).containsExactly("pause one", "resume one", "hangup one");
    LINE.orders.clear();
    for (String order : List.of("start", "pause", "stop")) {
      assertThat(post("/calls/one/recording/" + order).statusCode()).isEqualTo(202);
    }
    assertThat(LINE.orders).containsExactly("START one", "PAUSE one", "STOP one");
    assertThat(post("/calls/nobody/hangup").statusCode()).isEqualTo(404);
  }

  @Test
  void pagesThroughTheRecordsNewestFirst() throws Exception {
    JsonNode page = json(get(server.http("/call-records?limit=2")));
    assertThat(page.get("calls")).hasSize(2);
    assertThat(page.get("calls").get(0).get("session_id").asString()).isEqualTo("four");

    String before = page.get("next_before").asString();
    JsonNode last = json(get(server.http("/call-records?limit=2&before=" + before)));
    assertThat(last.get("calls")).hasSize(1);
    assertThat(last.has("next_before")).isFalse();
    assertThat(get(server.http("/call-records?before=yesterday")).statusCode()).isEqualTo(400);
  }
}
