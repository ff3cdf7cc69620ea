package org.linescribe.api.insights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSession;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.docs.Document;
import tools.jackson.databind.JsonNode;

class InsightsApiTest {
  private static final String ROUTE = "/sessions/{session_id}/insights";
  private static FakeSessions sessions;
  private static ApiServer server;
  private static Document documented;

  @BeforeAll
  static void startServer() throws Exception {
    sessions = new FakeSessions();
    server = ApiServer.start(sessions, Map.of());
    documented = Document.of(server, "/openapi.json");
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static FakeSession asking(String id, String insights) {
    return sessions.owned(id, "carrier", Map.of("route_insights", insights));
  }

  private static HttpResponse<String> read(String id, int status) throws Exception {
    HttpResponse<String> answer = get(server.http("/sessions/" + id + "/insights"));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    documented.holds("get", ROUTE, answer);
    return answer;
  }

  private static JsonNode derived(String id) throws Exception {
    await().until(() -> get(server.http("/sessions/" + id + "/insights")).statusCode() == 200);
    return json(read(id, 200));
  }

  @Test
  void derivesWhatWasAskedForAndNothingElse() throws Exception {
    FakeSession session = asking("some", "entities,summary,translation");
    session.ends("please call me at 212 555 0142");
    session.ends("thank you");
    session.ended("completed");

    JsonNode insights = derived("some");

    assertThat(insights.get("session_id").asString()).isEqualTo("some");
    assertThat(insights.get("provider").asString()).isEqualTo("rules");
    assertThat(insights.get("last_seq").asInt()).isEqualTo(2);
    assertThat(insights.get("entities").get(0).get("value").asString()).isEqualTo("+12125550142");
    assertThat(insights.get("summary").asString()).contains("212 555 0142");
    assertThat(insights.get("steps").get("translation").get("status").asString())
        .isEqualTo("skipped");
    assertThat(insights.has("classification")).isFalse();
    assertThat(insights.has("qa_evaluations")).isFalse();
  }

  @Test
  void arePendingWhileTheSessionIsOpen() throws Exception {
    FakeSession session = asking("open", "summary");
    session.ends("hello there");

    HttpResponse<String> answer = read("open", 202);
    assertThat(answer.headers().firstValue("Retry-After")).contains("2");
    assertThat(json(answer).get("status").asString()).isEqualTo("pending");
    assertThat(sessions.insights(session.sessionId())).isEmpty();

    session.ended("completed");
    assertThat(derived("open").get("last_seq").asInt()).isEqualTo(1);
  }

  @Test
  void areDerivedAnewWhenTheSessionGoesOn() throws Exception {
    FakeSession session = asking("longer", "summary");
    session.ends("first call");
    session.ended("completed");
    assertThat(derived("longer").get("summary").asString()).isEqualTo("first call");

    session.ends("second call");

    assertThat(derived("longer").get("last_seq").asInt()).isEqualTo(2);
  }

  @Test
  void aCallInWhichNothingWasSaidTellsWhy() throws Exception {
    asking("silent", "true").ended("completed");

    JsonNode insights = derived("silent");

    assertThat(insights.get("summary").isNull()).isTrue();
    assertThat(insights.get("steps").get("summarization").get("reason").asString())
        .isEqualTo("nothing was said");
    assertThat(insights.has("translation")).isFalse();
  }

  @Test
  void aSessionThatNobodyAskedForHasNone() throws Exception {
    sessions.session("plain").ends("hello");

    assertThat(read("plain", 404).body()).contains("No routing rule asked for insights");
    assertThat(read("nobody", 404).body()).contains("Session not found");
  }
}
