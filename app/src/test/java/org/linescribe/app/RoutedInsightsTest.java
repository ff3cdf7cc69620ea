package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.testcalls.CallReport;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.SipCaller;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A call by SIP and RTP whose routing rule asks for insights. */
final class RoutedInsightsTest {
  @TempDir Path data;

  @Test
  void aCallOfARuleHasItsInsightsWhenItHasEnded() throws Exception {
    List<String> settings = new ArrayList<>(List.of(TestGateway.UNHURRIED));
    settings.add("--linescribe.line.routes[0].to=test");
    settings.add("--linescribe.line.routes[0].insights[0]=entities");
    settings.add("--linescribe.line.routes[0].insights[1]=summary");
    RecordedCall recording =
        TestGateway.humanCalls().stream()
            .filter(call -> call.name().contains("pin-jackson-1"))
            .findFirst()
            .orElseThrow();
    SessionId id;
    String derived;
    try (TestGateway gateway = new TestGateway(data, settings.toArray(String[]::new))) {
      CallReport report;
      try (SipCaller caller = new SipCaller(gateway.sipUri(), G711Law.PCMU)) {
        report = gateway.place(caller, G711Law.PCMU, List.of(recording)).getFirst();
      }
      id = new SessionId(report.sessionId());
      Sessions sessions = gateway.part(Sessions.class);
      // Nobody reads them by HTTP yet, which would derive them.
      await().until(() -> sessions.insights(id).isPresent());
      derived = read(gateway, id);

      String text =
          String.join(
              " ", sessions.segments(id, 1, 100).stream().map(segment -> segment.text()).toList());
      JsonNode insights = JsonMapper.shared().readTree(derived);
      assertThat(text).isNotBlank();
      assertThat(insights.get("summary").asString()).isEqualTo(text);
      assertThat(insights.get("entities").get(0).get("type").asString()).isEqualTo("NUMBER");
      assertThat(insights.has("classification")).isFalse();
    }
    try (TestGateway restarted = new TestGateway(data)) {
      assertThat(read(restarted, id)).as("after a restart").isEqualTo(derived);
    }
  }

  private static String read(TestGateway gateway, SessionId id) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(
                      URI.create(
                          "http://" + gateway.http() + "/sessions/" + id.value() + "/insights"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return answer.body();
    }
  }
}
