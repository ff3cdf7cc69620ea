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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.erasure.Node;
import org.linescribe.testcalls.FrameClock;
import org.linescribe.testcalls.OpenCall;
import org.linescribe.testcalls.SentAudio;
import org.linescribe.testcalls.SipCaller;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Patience;
import org.linescribe.testsupport.Tool;
import org.linescribe.testsupport.servers.OwnRedis;
import org.linescribe.testsupport.servers.SharedMariaDb;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two nodes on one MariaDB and one Redis: the call is at the one, a supervisor at the other. */
final class FleetLiveTest {
  private static final SessionId ID = new SessionId("call-elsewhere");

  @TempDir Path dataOfA;
  @TempDir Path dataOfB;
  @TempDir Path folder;
  private OwnRedis redis;
  private TestGateway a;
  private TestGateway b;

  @BeforeEach
  void start() throws Exception {
    String database = SharedMariaDb.url(SharedMariaDb.port(), SharedMariaDb.newDatabase());
    redis = new OwnRedis();
    a = node(dataOfA, database);
    b = node(dataOfB, database);
  }

  @AfterEach
  void stop() {
    b.close();
    a.close();
    redis.close();
  }

  private TestGateway node(Path data, String database) {
    List<String> settings = new ArrayList<>(ConsoleBrowser.KEY_SETTINGS);
    settings.addAll(List.of(TestGateway.UNHURRIED));
    settings.add("--linescribe.mysql.url=" + database);
    settings.add("--linescribe.mysql.user=root");
    settings.add("--linescribe.mysql.read-timeout=30s");
    settings.add("--linescribe.redis.url=" + redis.url());
    return new TestGateway(data, settings.toArray(String[]::new));
  }

  private HttpResponse<String> send(String method, String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://" + a.http() + path))
              .method(method, HttpRequest.BodyPublishers.noBody())
              .header("X-API-Key", ConsoleBrowser.KEY)
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private JsonNode get(String path) throws Exception {
    return JsonMapper.shared().readTree(send("GET", path).body());
  }

  private static List<String> ids(JsonNode list) {
    return list.values().stream().map(one -> one.get("session_id").asString()).toList();
  }

  @NeedsTool(Tool.CHROMIUM)
  @Test
  void aSupervisorReadsAndSteersACallOfAnotherNode() throws Exception {
    String nodeOfB = b.part(Node.class).name();
    try (SipCaller caller = new SipCaller(b.sipUri(), G711Law.PCMU);
        OpenCall call = caller.open(ID.value());
        ConsoleBrowser browser =
            new ConsoleBrowser(
                HumanRecording.named("pin-jackson-1.wav"),
                "fleet",
                "http://" + a.http(),
                ID.value(),
                nodeOfB);
        ExecutorService background = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<SentAudio> played =
          background.submit(
              () -> call.play(ConsoleTest.minutesOfSpeech(folder), FrameClock.system()));
      browser.await("steered");
      assertThat(ids(get("/calls").get("calls"))).as("of the node itself").isEmpty();
      assertThat(ids(get("/sessions?live=true").get("sessions"))).isEmpty();
      JsonNode open = get("/calls?all_nodes=true").get("calls");
      assertThat(ids(open)).containsExactly(ID.value());
      assertThat(open.get(0).get("node").asString()).isEqualTo(nodeOfB);
      JsonNode live = get("/sessions?live=true&all_nodes=true");
      assertThat(ids(live.get("sessions"))).containsExactly(ID.value());
      assertThat(live.get("nodes").findValuesAsString("name"))
          .containsExactlyInAnyOrder(a.part(Node.class).name(), nodeOfB);
      assertThat(get("/sessions/" + ID + "?all_nodes=true").get("node").asString())
          .isEqualTo(nodeOfB);
      assertThat(send("POST", "/calls/nobody/hangup").statusCode()).isEqualTo(404);
      assertThat(played).isNotDone();
      browser.goOn();
      assertThat(browser.rest()).isEmpty();
      // Of a call that the peer ends play returns early.
      played.get();
    }
    await()
        .atMost(Patience.LIMIT)
        .untilAsserted(
            () ->
                assertThat(b.part(CallLog.class).newest(ID))
                    .hasValueSatisfying(
                        record -> assertThat(record.outcome()).isEqualTo("hangup")));
    assertThat(CallMark.of(b.part(Sessions.class).find(ID).orElseThrow().attributes())).hasSize(1);
  }
}
