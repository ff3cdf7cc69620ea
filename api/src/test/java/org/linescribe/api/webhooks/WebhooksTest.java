package org.linescribe.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSession;
import org.linescribe.api.FakeSessions;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.SessionId;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceListener;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.TranscriptEvent;
import tools.jackson.databind.JsonNode;

/** What receivers get, whatever they answer. */
class WebhooksTest {
  private static final SourceListener NOBODY =
      new SourceListener() {
        @Override
        public void onEvent(TranscriptEvent event) {}

        @Override
        public void onWritable() {}

        @Override
        public void onClosed(SourceClosed reason) {}
      };

  @TempDir private Path data;
  private final FakeSessions sessions = new FakeSessions();

  private Map<String, Object> settings() {
    Map<String, Object> settings = new TreeMap<>();
    settings.put("linescribe.data", data.toString());
    settings.put("linescribe.webhooks.allow-private", "true");
    settings.put("linescribe.webhooks.first-retry", "10ms");
    settings.put("linescribe.webhooks.last-retry", "50ms");
    return settings;
  }

  private Map<String, Object> settings(WebhookReceiver... receivers) {
    Map<String, Object> settings = settings();
    for (int i = 0; i < receivers.length; i++) {
      String endpoint = "linescribe.webhooks.endpoints[" + i + "].";
      settings.put(endpoint + "name", "receiver-" + i);
      settings.put(endpoint + "url", receivers[i].url());
      settings.put(endpoint + "secret", WebhookReceiver.SECRET);
    }
    return settings;
  }

  private FakeSession open(String id) throws Exception {
    return open(id, Optional.empty());
  }

  private FakeSession open(String id, Optional<String> owner) throws Exception {
    sessions.open(
        new SourceRequest(
            new SessionId(id),
            "websocket",
            owner,
            List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, 8000)),
            RecognitionRequest.DEFAULT,
            Map.of()),
        NOBODY);
    return sessions.session(id);
  }

  /** Unlike the real one the fake session keeps no end for readers who come later. */
  private static void end(FakeSession session, String reason) {
    await().until(() -> session.readers() > 0);
    session.announceEnd(reason);
  }

  private Path pending() {
    return data.resolve("webhooks/receiver-0/pending");
  }

  private static List<Long> numbers(int to) {
    return LongStream.rangeClosed(1, to).boxed().toList();
  }

  @Test
  void tellsStartFinalsAndEndOfASessionInOrderAndSigned() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(_ -> 204);
        ApiServer _ = ApiServer.start(sessions, settings(receiver))) {
      FakeSession session = open("one");
      await().until(() -> receiver.of("one").size() == 1);
      session.hears("one tw");
      session.ends("one two");
      session.ends("three");
      end(session, "bye");

      await().until(() -> receiver.of("one").size() == 4);
      assertThat(receiver.of("one"))
          .extracting(WebhookReceiver.Received::type)
          .containsExactly("session.started", "segment.final", "segment.final", "session.ended");
      JsonNode segment = receiver.of("one").get(1).data().get("segment");
      assertThat(segment.get("text").asString()).isEqualTo("one two");
      assertThat(segment.get("leg").asString()).isEqualTo("caller");
      assertThat(receiver.of("one").getLast().data().get("reason").asString()).isEqualTo("bye");
      assertThat(receiver.of("one").stream().map(WebhookReceiver.Received::id))
          .doesNotHaveDuplicates();
      assertThat(receiver.forged()).isEmpty();
      await().until(() -> files(pending()).isEmpty());
    }
  }

  private static List<Path> files(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  @Test
  void losesNothingOfSessionsWhoseReceiverFailsOneRequestInThree() throws Exception {
    int calls = Integer.getInteger("linescribe.webhooks.test.calls", 5);
    int finals = 40;
    try (WebhookReceiver receiver = new WebhookReceiver(n -> n % 3 == 0 ? 500 : 200);
        ApiServer _ = ApiServer.start(sessions, settings(receiver))) {
      for (int call = 0; call < calls; call++) {
        open("call-" + call);
      }
      for (int i = 0; i < finals; i++) {
        for (int call = 0; call < calls; call++) {
          sessions.session("call-" + call).ends("text " + i);
        }
      }
      for (int call = 0; call < calls; call++) {
        end(sessions.session("call-" + call), "bye");
      }
      for (int call = 0; call < calls; call++) {
        String id = "call-" + call;
        await()
            .atMost(Duration.ofMinutes(2))
            .until(() -> receiver.of(id).stream().anyMatch(r -> r.type().equals("session.ended")));
        assertThat(receiver.finals(id)).isEqualTo(numbers(finals));
        assertThat(receiver.of(id).getFirst().type()).isEqualTo("session.started");
        assertThat(receiver.of(id).getLast().type()).isEqualTo("session.ended");
      }
      assertThat(receiver.forged()).isEmpty();
    }
  }

  @Test
  void takesUpAfterARestartWhatWasNotDelivered() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(n -> n <= 3 ? 200 : 503)) {
      try (ApiServer _ = ApiServer.start(sessions, settings(receiver))) {
        FakeSession session = open("one");
        for (int i = 0; i < 10; i++) {
          session.ends("text " + i);
        }
        await().until(() -> receiver.requests() > 5);
        assertThat(receiver.finals("one")).isEqualTo(numbers(2));
      }
      sessions.session("one").ends("while nothing ran");
      receiver.answers(_ -> 200);
      try (ApiServer _ = ApiServer.start(sessions, settings(receiver))) {
        await().until(() -> receiver.finals("one").size() == 11);
        assertThat(receiver.finals("one")).isEqualTo(numbers(11));
        assertThat(receiver.of("one"))
            .filteredOn(r -> r.type().equals("session.started"))
            .hasSize(1);
      }
    }
  }

  @Test
  void givesUpByTheTimeOfTheFirstRequestThoughItRestarts() throws Exception {
    Path failing = data.resolve("webhooks/receiver-0/failing");
    try (WebhookReceiver receiver = new WebhookReceiver(n -> n == 1 ? 200 : 503)) {
      try (ApiServer _ = ApiServer.start(sessions, settings(receiver))) {
        open("one").ends("never taken");
        await().until(() -> !files(failing).isEmpty());
      }
      Path since = files(failing).getFirst();
      String[] fields = Files.readString(since).strip().split(" ");
      long twoDaysAgo = Long.parseLong(fields[1]) - Duration.ofDays(2).toMillis();
      Files.writeString(since, fields[0] + " " + twoDaysAgo);
      int before = receiver.requests();

      try (ApiServer server = ApiServer.start(sessions, settings(receiver))) {
        await()
            .until(
                () -> get(server.http("/webhooks/dead-letters")).body().contains("\"status 503\""));
        assertThat(receiver.requests()).isEqualTo(before + 1);
        await().until(() -> files(failing).isEmpty());
      }
    }
  }

  @Test
  void aSessionThatIsOpenedAgainStartsAgainAtItsNextNumber() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(_ -> 200);
        ApiServer _ = ApiServer.start(sessions, settings(receiver))) {
      FakeSession session = open("one");
      session.ends("first");
      end(session, "disconnect");
      await().until(() -> receiver.of("one").size() == 3);
      await().until(() -> files(pending()).isEmpty());
      open("one").ends("second");

      await().until(() -> receiver.of("one").size() == 5);
      assertThat(receiver.of("one"))
          .extracting(received -> received.type() + " " + received.seq())
          .containsExactly(
              "session.started 1",
              "segment.final 1",
              "session.ended 2",
              "session.started 2",
              "segment.final 2");
    }
  }

  @Test
  void aReceiverThatNeverAnswersHoldsUpNobodyElse() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (WebhookReceiver silent =
            new WebhookReceiver(
                _ -> {
                  try {
                    never.await();
                  } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                  }
                  return 200;
                });
        WebhookReceiver receiver = new WebhookReceiver(_ -> 200);
        ApiServer server = ApiServer.start(sessions, settings(silent, receiver))) {
      FakeSession session = open("one");
      session.ends("text");
      await().until(() -> receiver.finals("one").equals(numbers(1)));
      assertThat(get(server.http("/sessions/one/segments")).body()).contains("text");
      assertThat(silent.taken()).isEmpty();
      never.countDown();
    }
  }

  @Test
  void keepsWhatIsGivenUpAndSendsItAgainWhenAsked() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(n -> n == 2 ? 410 : 200);
        ApiServer server = ApiServer.start(sessions, settings(receiver))) {
      FakeSession session = open("one");
      session.ends("given up");
      session.ends("taken");
      await().until(() -> receiver.of("one").size() == 2);
      assertThat(receiver.finals("one")).containsExactly(2L);

      HttpResponse<String> kept = get(server.http("/webhooks/dead-letters"));
      assertThat(kept.body()).doesNotContain("given up");
      JsonNode letter = json(kept.body()).get("dead_letters").get(0);
      assertThat(letter.get("seq").asLong()).isEqualTo(1);
      assertThat(letter.get("reason").asString()).isEqualTo("status 410");
      JsonNode state = json(get(server.http("/webhooks")).body()).get("endpoints").get(0);
      assertThat(state.get("dead_letters").asLong()).isEqualTo(1);

      String replay = "/webhooks/dead-letters/" + letter.get("id").asString() + "/replay";
      receiver.answers(_ -> 500);
      assertThat(post(server.http(replay))).isEqualTo(502);
      receiver.answers(_ -> 200);
      assertThat(post(server.http(replay))).isEqualTo(200);
      assertThat(receiver.finals("one")).containsExactly(2L, 1L);
      assertThat(post(server.http(replay))).isEqualTo(404);
      assertThat(post(server.http("/webhooks/dead-letters/..%2fx/replay"))).isIn(400, 404);
    }
  }

  private static int post(String url) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create(url))
                  .POST(HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }

  @Test
  void aReceiverGetsOnlyTheEventsThatItWants() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(_ -> 200)) {
      Map<String, Object> settings = settings(receiver);
      settings.put("linescribe.webhooks.endpoints[0].events[0]", "session.ended");
      try (ApiServer _ = ApiServer.start(sessions, settings)) {
        FakeSession session = open("one");
        session.ends("text");
        end(session, "bye");
        await().until(() -> receiver.of("one").size() == 1);
        assertThat(receiver.of("one").getFirst().type()).isEqualTo("session.ended");
      }
    }
  }

  @Test
  void aReceiverIsToldOfTheSessionsOfItsOwnersOnly() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(_ -> 200)) {
      Map<String, Object> settings = settings(receiver);
      settings.put("linescribe.webhooks.endpoints[0].owners[0]", "head-office");
      try (ApiServer _ = ApiServer.start(sessions, settings)) {
        open("nobodys").ends("not for it");
        open("theirs", Optional.of("head-office")).ends("for it");
        await().until(() -> receiver.finals("theirs").equals(numbers(1)));
        await().until(() -> files(pending()).size() == 1);
        assertThat(receiver.of("nobodys")).isEmpty();
        assertThat(receiver.of("theirs").getFirst().data().get("owner").asString())
            .isEqualTo("head-office");
      }
    }
  }

  @Test
  void refusesToStartWithAReceiverOfAPrivateNetworkUnlessItMay() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(_ -> 200)) {
      Map<String, Object> settings = settings(receiver);
      settings.put("linescribe.webhooks.allow-private", "false");
      assertThatThrownBy(() -> ApiServer.start(sessions, settings).close())
          .rootCause()
          .hasMessageContaining("linescribe.webhooks.endpoints.url: of receiver-0")
          .hasMessageContaining("allow-private");
    }
  }
}
