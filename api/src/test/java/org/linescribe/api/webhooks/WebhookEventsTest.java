package org.linescribe.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSession;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.QualityAlert;
import org.linescribe.session.recordings.CallRecorder;
import org.linescribe.session.recordings.CallRecordings;
import tools.jackson.databind.JsonNode;

/** What receivers get that is not of the transcript. */
class WebhookEventsTest extends ServedWebhooks {

  private static CallRecorder record(ApiServer server, String id) throws Exception {
    CallRecorder recorder = server.bean(CallRecordings.class).begin(new SessionId(id), 1, 8000);
    recorder.write(0, new short[4000], 0, 4000);
    return recorder;
  }

  @Test
  void tellsOfABadLineAndOfARecordingInTheSessionsOrder() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(n -> n % 2 == 0 ? 200 : 500);
        ApiServer server = start(receiver)) {
      FakeSession session = open("one");
      CallRecorder recorder = record(server, "one");
      session.ends("text");
      await().until(() -> receiver.types("one").size() == 2);
      alert(server, "one", QualityAlert.Direction.DEGRADED);
      await().until(() -> receiver.types("one").size() == 3);
      alert(server, "one", QualityAlert.Direction.RECOVERED);
      await().until(() -> receiver.types("one").size() == 4);
      end(session);
      await().until(() -> receiver.types("one").size() == 5);
      recorder.close();

      await().until(() -> receiver.types("one").size() == 6);
      assertThat(receiver.types("one"))
          .containsExactly(
              "session.started",
              "segment.final",
              "quality.alert",
              "quality.alert",
              "session.ended",
              "recording.ready");
      assertThat(receiver.forged()).isEmpty();
      JsonNode alert = receiver.of("one").get(2).data();
      assertThat(alert.get("state").asString()).isEqualTo("degraded");
      assertThat(alert.get("leg").asString()).isEqualTo("caller");
      assertThat(alert.get("loss_percent").asDouble()).isEqualTo(12.5);
      assertThat(alert.get("mos").asDouble()).isLessThan(2);
      assertThat(alert.at("/thresholds/mos").asDouble()).isEqualTo(2.6);
      JsonNode recording = receiver.of("one").getLast().data();
      assertThat(recording.get("duration_ms").asLong()).isEqualTo(500);
      assertThat(recording.get("channels").asInt()).isEqualTo(1);
      assertThat(get(server.http(recording.get("path").asString())).statusCode()).isEqualTo(200);
      await().until(() -> nothingIsKeptIn("receiver-0/events"));
      await().until(() -> nothingIsKeptIn("receiver-0/pending"));
    }
  }

  @Test
  void anAlertThatNobodyTookIsToldAfterARestart() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(_ -> 503)) {
      try (ApiServer server = start(receiver)) {
        open("one");
        alert(server, "one", QualityAlert.Direction.DEGRADED);
        await().until(() -> !nothingIsKeptIn("receiver-0/events"));
      }
      receiver.answers(_ -> 200);
      try (ApiServer _ = start(receiver)) {
        await()
            .until(() -> receiver.types("one").equals(List.of("session.started", "quality.alert")));
        await().until(() -> nothingIsKeptIn("receiver-0/events"));
      }
    }
  }

  @Test
  void aRecordingThatAKilledProcessDidNotTellOfKeepsNoFinalFromBeingTold() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(_ -> 503)) {
      String recording;
      try (ApiServer server = start(receiver)) {
        open("one").ends("text");
        record(server, "one").close();
        await().until(() -> !nothingIsKeptIn("receiver-0/events"));
        recording =
            server
                .bean(CallRecordings.class)
                .list(Optional.of(new SessionId("one")), 1)
                .getFirst()
                .id();
      }
      Path mark = data.resolve("recordings").resolve(recording + ".untold");
      if (!Files.exists(mark)) {
        Files.createFile(mark);
      }
      receiver.answers(_ -> 200);
      try (ApiServer _ = start(receiver)) {
        await().until(() -> receiver.types("one").contains("recording.ready"));
        await().until(() -> receiver.finals("one").equals(List.of(1L)));
      }
    }
  }

  @Test
  void anAlertThatIsGivenUpIsSentAgainWhenAsked() throws Exception {
    try (WebhookReceiver receiver = new WebhookReceiver(n -> n == 2 ? 410 : 200);
        ApiServer server = start(receiver)) {
      open("one");
      await().until(() -> receiver.types("one").size() == 1);
      alert(server, "one", QualityAlert.Direction.DEGRADED);
      await().until(() -> receiver.requests() == 2);
      await().until(() -> letters(server).size() == 1);
      String id = letters(server).get(0).get("id").asString();

      assertThat(send(server, "POST", "/webhooks/dead-letters/" + id + "/replay", "").statusCode())
          .isEqualTo(200);

      assertThat(receiver.types("one")).containsExactly("session.started", "quality.alert");
      assertThat(receiver.of("one").getLast().id()).isEqualTo(id);
      assertThat(receiver.of("one").getLast().data().get("loss_percent").asDouble())
          .isEqualTo(12.5);
    }
  }

  private static void callEnded(ApiServer server, String id) {
    Instant start = Instant.parse("2026-01-20T10:30:00Z");
    server
        .bean(CallLog.class)
        .keep(
            new CallRecord(
                new SessionId(id),
                "call-of-" + id,
                "sip",
                Optional.of("carrier"),
                "sip:a@x",
                "sip:b@y",
                "udp",
                start,
                Optional.of(start.plusSeconds(1)),
                Optional.empty(),
                start.plusSeconds(31),
                "bye",
                List.of()));
  }

  @Test
  void theRecordOfACallIsToldOverARestartToItsOwnersOnly() throws Exception {
    settings.put("linescribe.webhooks.endpoints[0].owners[0]", "carrier");
    try (WebhookReceiver receiver = new WebhookReceiver(_ -> 503)) {
      try (ApiServer server = start(receiver)) {
        open("theirs", Optional.of("carrier")).ends("text");
        open("others", Optional.of("another"));
        callEnded(server, "theirs");
        callEnded(server, "others");
        await().until(() -> receiver.requests() > 0);
      }
      receiver.answers(_ -> 200);
      try (ApiServer _ = start(receiver)) {
        await().until(() -> receiver.types("theirs").contains("call.ended"));
        await().until(() -> receiver.finals("theirs").equals(List.of(1L)));
        await().until(() -> nothingIsKeptIn("receiver-0/events"));
        WebhookReceiver.Received ended =
            receiver.of("theirs").stream()
                .filter(event -> event.type().equals("call.ended"))
                .findFirst()
                .orElseThrow();
        assertThat(ended.data())
            .isEqualTo(
                json(
                    """
                    {"session_id": "theirs", "call_id": "call-of-theirs", "kind": "sip",
                     "trunk": "carrier", "from": "sip:a@x", "to": "sip:b@y", "transport": "udp",
                     "state": "ended", "started_at": "2026-01-20T10:30:00Z",
                     "answered_at": "2026-01-20T10:30:01Z", "ended_at": "2026-01-20T10:30:31Z",
                     "outcome": "bye", "legs": []}
                    """));
        assertThat(receiver.of("others")).isEmpty();
      }
    }
  }

  private static JsonNode letters(ApiServer server) throws Exception {
    return json(get(server.http("/webhooks/dead-letters"))).get("dead_letters");
  }

  @Test
  void isToldOfTheLinesAndRecordingsOfItsOwnersOnly() throws Exception {
    settings.put("linescribe.webhooks.endpoints[0].owners[0]", "carrier");
    try (WebhookReceiver receiver = new WebhookReceiver(_ -> 200);
        ApiServer server = start(receiver)) {
      open("theirs", Optional.of("carrier"));
      open("others", Optional.of("another"));
      alert(server, "others", QualityAlert.Direction.DEGRADED);
      record(server, "others").close();
      alert(server, "theirs", QualityAlert.Direction.DEGRADED);

      await().until(() -> receiver.types("theirs").contains("quality.alert"));
      await().until(() -> nothingIsKeptIn("receiver-0/events"));
      assertThat(receiver.of("others")).isEmpty();
    }
  }
}
