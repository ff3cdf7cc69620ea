package org.linescribe.api.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.linescribe.api.ApiServer;
import org.linescribe.session.calls.QualityAlert;

/** The receivers that sessions choose. */
class SessionReceiversTest extends ServedWebhooks {
  private static final String KEY = "ls_app";

  private static String choice(WebhookReceiver receiver) {
    return choice(receiver.url());
  }

  private static String choice(String url) {
    return "{\"url\": \"%s\", \"secret\": \"%s\"}".formatted(url, WebhookReceiver.SECRET);
  }

  @Test
  void aSessionsOwnReceiverIsToldOfItBesidesThoseOfTheSettings() throws Exception {
    try (WebhookReceiver own = new WebhookReceiver(n -> n == 1 ? 500 : 200);
        WebhookReceiver everybodys = new WebhookReceiver(_ -> 200);
        ApiServer server = start(everybodys)) {
      HttpResponse<String> chosen = send(server, "PUT", "/sessions/before/webhook", choice(own));
      assertThat(chosen.statusCode()).isEqualTo(200);
      assertThat(chosen.body()).doesNotContain("whsec_");
      open("before").ends("text");
      open("during").ends("said already");
      open("other").ends("not for it");
      assertThat(send(server, "PUT", "/sessions/during/webhook", choice(own)).statusCode())
          .isEqualTo(200);
      alert(server, "during", QualityAlert.Direction.DEGRADED);
      await().until(() -> own.types("during").size() == 3);
      end(sessions.session("during"));
      end(sessions.session("before"));

      await().until(() -> own.types("during").contains("session.ended"));
      await().until(() -> own.types("before").contains("session.ended"));
      assertThat(own.types("before"))
          .containsExactly("session.started", "segment.final", "session.ended");
      assertThat(own.finals("during")).containsExactly(1L);
      assertThat(own.of("other")).isEmpty();
      await().until(() -> everybodys.types("during").contains("session.ended"));
      assertThat(json(get(server.http("/webhooks"))).get("endpoints"))
          .extracting(endpoint -> endpoint.get("name").asString())
          .containsExactly("receiver-0", "session");
    }
  }

  @Test
  void aReceiverThatReplacesOneThatAskedForAnHourIsToldAtOnce() throws Exception {
    try (WebhookReceiver before = new WebhookReceiver(_ -> 503);
        WebhookReceiver after = new WebhookReceiver(_ -> 200);
        ApiServer server = start()) {
      before.header("Retry-After", "3600");
      send(server, "PUT", "/sessions/one/webhook", choice(before));
      open("one").ends("text");
      await().until(() -> before.requests() == 1);

      send(server, "PUT", "/sessions/one/webhook", choice(after));

      await().until(() -> after.finals("one").equals(List.of(1L)));
      assertThat(before.requests()).isEqualTo(1);
    }
  }

  @Test
  void aSessionsOwnReceiverIsKnownAfterARestartUntilItIsWithdrawn() throws Exception {
    try (WebhookReceiver own = new WebhookReceiver(_ -> 503)) {
      try (ApiServer server = start()) {
        send(server, "PUT", "/sessions/one/webhook", choice(own));
        open("one").ends("text");
        await().until(() -> own.requests() > 0);
      }
      own.answers(_ -> 200);
      try (ApiServer server = start()) {
        await().until(() -> own.finals("one").equals(List.of(1L)));
        assertThat(json(get(server.http("/sessions/one/webhook"))).get("url").asString())
            .isEqualTo(own.url());

        assertThat(send(server, "DELETE", "/sessions/one/webhook", "").statusCode()).isEqualTo(204);

        assertThat(get(server.http("/sessions/one/webhook")).statusCode()).isEqualTo(404);
        assertThat(nothingIsKeptIn("session/pending")).isTrue();
        assertThat(nothingIsKeptIn("session/endpoints")).isTrue();
      }
    }
  }

  @Test
  void refusesReceiversThatOnlyThisNetworkReachesAndSaysWhatIsWrong() throws Exception {
    settings.put("linescribe.webhooks.allow-private", "false");
    try (ApiServer server = start()) {
      String path = "/sessions/one/webhook";
      for (String address : List.of("127.0.0.1", "10.1.2.3", "[::1]", "localhost")) {
        HttpResponse<String> refused =
            send(server, "PUT", path, choice("http://" + address + "/hook"));
        assertThat(refused.statusCode()).as(address).isEqualTo(400);
        assertThat(refused.body()).contains("allow-private");
      }
      for (String url : List.of("ftp://example.org", "https://example.org/" + "x".repeat(2000))) {
        assertThat(send(server, "PUT", path, choice(url)).body())
            .contains("url: expected https://");
      }
      assertThat(
              send(server, "PUT", path, "{\"url\": \"https://example.org\", \"secret\": \"x\"}")
                  .body())
          .contains("secret: expected whsec_");
      assertThat(
              send(
                      server,
                      "PUT",
                      path,
                      choice("https://example.org").replace("}", ", \"events\": [\"x\"]}"))
                  .body())
          .contains("recording.ready");
      assertThat(send(server, "PUT", path, "").statusCode()).isEqualTo(400);
      assertThat(nothingIsKeptIn("session/endpoints")).isTrue();
    }
  }

  @Test
  void aKeyChoosesForItsOwnSessionsOnly() throws Exception {
    settings.put("linescribe.access.mode", "required");
    String[] names = {"app", "other"};
    for (int i = 0; i < names.length; i++) {
      String key = "linescribe.access.keys[" + i + "].";
      settings.put(key + "name", names[i]);
      settings.put(key + "sha256", sha256("ls_" + names[i]));
      settings.put(key + "scopes", "send,webhook");
    }
    try (WebhookReceiver own = new WebhookReceiver(_ -> 200);
        ApiServer server = start()) {
      open("others", Optional.of("other")).ends("not for it");
      assertThat(
              send(server, "PUT", "/sessions/others/webhook", choice(own), "X-API-Key", KEY)
                  .statusCode())
          .isEqualTo(404);
      // Nobody has these yet.
      for (String id : List.of("mine", "taken")) {
        assertThat(
                send(server, "PUT", "/sessions/" + id + "/webhook", choice(own), "X-API-Key", KEY)
                    .statusCode())
            .isEqualTo(200);
      }
      assertThat(
              send(server, "DELETE", "/sessions/mine/webhook", "", "X-API-Key", "ls_other")
                  .statusCode())
          .isEqualTo(404);
      open("taken", Optional.of("other")).ends("not for it");
      open("mine", Optional.of("app")).ends("for it");

      await().until(() -> own.finals("mine").equals(List.of(1L)));
      await().until(() -> own.of("mine").size() == 2);
      assertThat(own.of("taken")).isEmpty();
      assertThat(own.of("others")).isEmpty();
    }
  }

  private void keys(String... names) throws Exception {
    settings.put("linescribe.access.mode", "required");
    for (int i = 0; i < names.length; i++) {
      String key = "linescribe.access.keys[" + i + "].";
      settings.put(key + "name", names[i]);
      settings.put(key + "sha256", sha256("ls_" + names[i]));
      settings.put(key + "scopes", "send,webhook");
    }
  }

  private static int choose(ApiServer server, String key, String id, WebhookReceiver receiver)
      throws Exception {
    return send(server, "PUT", "/sessions/" + id + "/webhook", choice(receiver), "X-API-Key", key)
        .statusCode();
  }

  @Test
  void aChoiceForASessionThatBecomesAnothersIsForgottenAndTheOwnersTaken() throws Exception {
    keys("app", "other");
    try (WebhookReceiver own = new WebhookReceiver(_ -> 200);
        WebhookReceiver foreign = new WebhookReceiver(_ -> 200);
        ApiServer server = start()) {
      assertThat(choose(server, "ls_other", "wanted", foreign)).isEqualTo(200);
      assertThat(choose(server, "ls_app", "wanted", own)).as("not there yet").isEqualTo(404);
      open("wanted", Optional.of("app")).ends("for its owner");
      assertThat(nothingIsKeptIn("session/endpoints")).as("the place is free").isTrue();
      assertThat(choose(server, "ls_other", "wanted", foreign)).isEqualTo(404);
      assertThat(choose(server, "ls_app", "wanted", own)).isEqualTo(200);

      await().until(() -> own.finals("wanted").equals(List.of(1L)));
      assertThat(foreign.of("wanted")).isEmpty();
    }
  }

  @Test
  void oneKeyCannotTakeAllPlacesForSessionsThatNeverCome() throws Exception {
    keys("app", "other");
    settings.put("linescribe.webhooks.max-pending", "20");
    try (WebhookReceiver own = new WebhookReceiver(_ -> 200);
        ApiServer server = start()) {
      for (String id : List.of("never-1", "never-2")) {
        assertThat(choose(server, "ls_other", id, own)).isEqualTo(200);
      }
      assertThat(choose(server, "ls_other", "never-3", own)).isEqualTo(503);
      assertThat(choose(server, "ls_other", "never-2", own)).as("in its place").isEqualTo(200);
      assertThat(choose(server, "ls_app", "comes", own)).isEqualTo(200);
      open("there", Optional.of("other"));
      assertThat(choose(server, "ls_other", "there", own))
          .as("a session of its own")
          .isEqualTo(200);
      // One that comes is no early one any more.
      open("never-1", Optional.of("other"));
      assertThat(choose(server, "ls_other", "never-3", own)).isEqualTo(200);
    }
  }

  @Test
  void saysSoWhereASessionCannotBeToldBecauseTooManyWait() throws Exception {
    settings.put("linescribe.webhooks.max-pending", "2");
    try (WebhookReceiver own = new WebhookReceiver(_ -> 200)) {
      try (ApiServer server = start()) {
        send(server, "PUT", "/sessions/told/webhook", choice(own));
        end(open("told"));
        await().until(() -> own.types("told").contains("session.ended"));
        await().until(() -> nothingIsKeptIn("session/pending"));
        own.answers(_ -> 503);
        send(server, "PUT", "/sessions/waits/webhook", choice(own));
        open("waits").ends("text");
        await().until(() -> !nothingIsKeptIn("session/pending"));
      }
      settings.put("linescribe.webhooks.max-pending", "1");
      try (ApiServer server = start()) {
        HttpResponse<String> refused = send(server, "PUT", "/sessions/told/webhook", choice(own));
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).contains("max-pending");
        assertThat(send(server, "PUT", "/sessions/waits/webhook", choice(own)).statusCode())
            .as("it has its place")
            .isEqualTo(200);
      }
    }
  }

  private static String sha256(String key) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
  }
}
