package org.linescribe.api.sessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import tools.jackson.databind.JsonNode;

/** What a search finds; how the store finds words is SegmentStoreContract's. */
class SessionSearchTest {
  private static final int MANY = 450;

  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    FakeSessions sessions = new FakeSessions();
    for (int i = 0; i < MANY; i++) {
      sessions.session("s-%03d".formatted(i)).ends("number " + i);
    }
    sessions.session("s-007").ends("Secret Agent");
    sessions.session("s-007").ends("agent of a secret, secret agent");
    sessions.session("s-007").ends("a third secret of the agent");
    sessions.session("s-007").ends("the fourth agent's secret");
    sessions.session("s-400").ends("no secret");
    sessions.session("s-111").ends("buenos dias", Optional.of("es"));
    server = ApiServer.start(sessions, Map.of());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static JsonNode search(String query) throws Exception {
    HttpResponse<String> answer = get(server.http("/search?" + query));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return json(answer.body());
  }

  private static List<String> ids(JsonNode page) {
    return page.get("sessions").values().stream()
        .map(session -> session.get("session_id").asString())
        .toList();
  }

  @Test
  void findsSessionsByWordsInAnyOrderWithTheirFirstMatches() throws Exception {
    JsonNode page = search("text=" + URLEncoder.encode("agent SECRET", StandardCharsets.UTF_8));
    assertThat(ids(page)).containsExactly("s-007");
    assertThat(page.has("next_before")).isFalse();
    assertThat(
            page.get("sessions").get(0).get("matches").values().stream()
                .map(segment -> segment.get("text").asString()))
        .containsExactly(
            "Secret Agent", "agent of a secret, secret agent", "a third secret of the agent");
    assertThat(ids(search("text=secret"))).containsExactly("s-400", "s-007");
    assertThat(ids(search("text=nobody"))).isEmpty();
  }

  @Test
  void findsSessionsByPartOfTheirIdOrAttributesAndTime() throws Exception {
    assertThat(ids(search("party=S-00"))).hasSize(10);
    assertThat(ids(search("party=PCMU&limit=3"))).hasSize(3);
    assertThat(search("party=s-007").get("sessions").get(0).has("matches")).isFalse();
    assertThat(ids(search("call_id=nobody"))).isEmpty();
    assertThat(ids(search("trunk=nobody"))).isEmpty();
    assertThat(ids(search("party=s-007&after=2026-01-01T00:00:00Z"))).hasSize(1);
    assertThat(ids(search("party=s-007&after=2026-01-01T00:00:01Z"))).isEmpty();
    assertThat(ids(search("party=s-007&until=2026-01-01T00:00:00Z"))).isEmpty();
  }

  @Test
  void findsSessionsByTheLanguageThatWasFoundElseByTheModels() throws Exception {
    assertThat(ids(search("language=es"))).containsExactly("s-111");
    assertThat(ids(search("language=ES-mx"))).containsExactly("s-111");
    assertThat(ids(search("text=dias&language=es"))).containsExactly("s-111");
    assertThat(ids(search("text=dias&language=en"))).isEmpty();
    assertThat(ids(search("party=s-111&language=en"))).as("its model speaks English").hasSize(1);
    assertThat(ids(search("language=de"))).isEmpty();
    assertThat(get(server.http("/search?language=%3Cb%3E")).statusCode()).isEqualTo(400);
  }

  @Test
  void goesOnWhereAPageEnded() throws Exception {
    JsonNode page = search("text=number&limit=200");
    List<String> all = new ArrayList<>(ids(page));
    while (page.has("next_before")) {
      page = search("text=number&limit=200&before=" + page.get("next_before").asString());
      all.addAll(ids(page));
    }
    assertThat(all).hasSize(MANY).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limit=0",
        "limit=201",
        "after=yesterday",
        "until=2026",
        "until=",
        "text=a+b+c+d+e+f+g+h+i"
      })
  void refusesWhatItCannotSeek(String query) throws Exception {
    assertThat(get(server.http("/search?" + query)).statusCode()).isEqualTo(400);
    assertThat(get(server.http("/search?text=" + "x".repeat(201))).statusCode()).isEqualTo(400);
    assertThat(get(server.http("/search?before=nobody")).statusCode()).isEqualTo(404);
  }
}
