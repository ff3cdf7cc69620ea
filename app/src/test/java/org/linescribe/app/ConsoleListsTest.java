package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.Token;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.pipeline.SessionStores;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.StoreWrite;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;

/** The console's lists in a browser: filtered, empty, broken; and what their buttons lead to. */
@NeedsTool(Tool.CHROMIUM)
final class ConsoleListsTest {
  private static final HumanRecording SPOKEN = HumanRecording.named("pin-jackson-1.wav");
  private static final String FIRST = "+4930111111 → support";
  private static final String SECOND = "+3314222222 → +4930111111";
  private static final String THIRD = "100 → support";

  @TempDir static Path data;
  private static TestGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    List<String> settings = new ArrayList<>(ConsoleBrowser.KEY_SETTINGS);
    settings.addAll(TestGateway.webhook("crm", "http://127.0.0.1:1/"));
    settings.add("--linescribe.webhooks.endpoints[0].owners[0]=nobody");
    gateway = new TestGateway(data, settings.toArray(String[]::new));
    call("first", "2021-03-04T10:00:00Z", "+4930111111", "support", "carrier", "de", "guten tag");
    call("second", "2021-05-06T10:00:00Z", "+3314222222", "+4930111111", "office", "fr", "bon tag");
    call("third", "2021-07-08T10:00:00Z", "100", "support", "carrier", "en", "good morning");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  /** Puts a call that has ended into the store. */
  private static void call(
      String name,
      String startedAt,
      String from,
      String to,
      String trunk,
      String language,
      String text)
      throws Exception {
    SessionId id = new SessionId("session-" + name);
    Instant at = Instant.parse(startedAt);
    Map<String, String> attributes = new HashMap<>();
    attributes.put("from", "<sip:" + from + "@example.org>");
    attributes.put("to", "<sip:" + to + "@example.org>");
    attributes.put("call_id", name + "-call@pbx");
    // The trunk owns its calls.
    keep(id, Optional.of(trunk), at, attributes, List.of(said(id, at, 1, text, language)));
  }

  private static Segment said(
      SessionId id, Instant at, int seq, String text, String language, Token... tokens) {
    return new Segment(
        id,
        seq,
        "caller",
        text,
        seq * 1000L,
        seq * 1000L + 900,
        List.of(tokens),
        "test",
        at.plusSeconds(seq),
        Optional.empty(),
        Optional.of(language));
  }

  private static void keep(
      SessionId id,
      Optional<String> owner,
      Instant at,
      Map<String, String> attributes,
      List<Segment> segments)
      throws Exception {
    SegmentStore store = gateway.part(SessionStores.class).store();
    store.write(new StoreWrite.Opened(id, "sip", owner, List.of("caller"), at, at, attributes));
    for (Segment segment : segments) {
      store.write(new StoreWrite.Appended(segment));
    }
    store.write(new StoreWrite.Ended(id, at.plusSeconds(20), "bye"));
  }

  private static ConsoleBrowser browser(String scenario, String... arguments) throws Exception {
    return new ConsoleBrowser(SPOKEN, scenario, "http://" + gateway.http(), arguments);
  }

  @Test
  void eachFilterOfTheHistoryFindsWhatItNames() throws Exception {
    try (ConsoleBrowser browser =
        browser(
            "filters",
            "Trunk=office => " + SECOND,
            "Trunk=carrier => " + sorted(FIRST, THIRD),
            "Trunk=nobody => ",
            "Language=de => " + FIRST,
            "Number or Call-ID=+4930111111 => " + sorted(FIRST, SECOND),
            "Number or Call-ID=3314222222 => " + SECOND,
            "Number or Call-ID=third-call@pbx => " + THIRD,
            "Words=tag => " + sorted(FIRST, SECOND),
            "Words=good morning => " + THIRD,
            "From=2021-05-01; To=2021-06-01 => " + SECOND,
            "To=2021-04-01 => " + FIRST,
            "From=2021-07-08; To=2021-07-08 => " + THIRD,
            // The browser's time is UTC. A session of 10:00 is of the minute that ends the search.
            "From=2021-05-06; From, time=10:00; To=2021-05-06; To, time=10:00 => " + SECOND,
            "From=2021-05-06; From, time=10:01; To=2021-05-06 => ",
            "From=2021-03-04; To=2021-05-06; To, time=09:59 => " + FIRST,
            "Words=tag; Trunk=carrier; Language=de; From=2021-01-01; To=2021-12-31;"
                + " Number or Call-ID=support => "
                + FIRST,
            "Words=tag; Language=en => ")) {
      assertThat(browser.rest()).isEmpty();
    }
  }

  private static String sorted(String... titles) {
    return String.join(", ", List.of(titles).stream().sorted().toList());
  }

  @Test
  void everyListSaysThatItIsEmptyOrCannotBeRead() throws Exception {
    try (ConsoleBrowser browser = browser("states", "session-first")) {
      assertThat(browser.rest()).isEmpty();
    }
  }

  @Test
  void tellsTheConfidenceOfEachTurnWhereTheModelGivesOne() throws Exception {
    SessionId some = new SessionId("with-confidence");
    Instant at = Instant.parse("2022-03-04T10:00:00Z");
    keep(
        some,
        Optional.empty(),
        at,
        Map.of(),
        List.of(
            said(some, at, 1, "sure", "en", new Token("sure", 1000, 0.9)),
            said(some, at, 2, "unsure", "en", new Token("unsure", 2000, 0.4)),
            said(some, at, 3, "unknown", "en")));
    try (ConsoleBrowser browser = browser("confidence", some.value(), "session-first")) {
      assertThat(browser.rest()).isEmpty();
    }
  }

  @Test
  void tellsWhichModelIsTheDefaultAndHowAnotherBecomesIt() throws Exception {
    try (ConsoleBrowser browser =
        browser("byDefault", "telephony-digits-en", "moonshine-tiny-en")) {
      assertThat(browser.rest()).isEmpty();
    }
  }

  @Test
  void aKeyMadeInTheConsoleMayDoWhatItsScopesSayUntilItIsRevoked() throws Exception {
    List<String> scopes = List.of("read", "send", "webhook", "admin");
    Map<String, List<String>> requests =
        Map.of(
            "read", List.of("GET /sessions", "GET /models", "GET /search?text=tag"),
            "send", List.of("POST /stt/stream-chunk", "POST /audio/process"),
            "webhook", List.of("GET /sessions/x/webhook", "DELETE /sessions/x/webhook"),
            "admin",
                List.of(
                    "GET /keys",
                    "POST /keys",
                    "DELETE /keys/nobody",
                    "GET /metrics",
                    "GET /calls",
                    "POST /calls/x/hangup",
                    "GET /recordings",
                    "GET /system",
                    "GET /webhooks",
                    "POST /models/x/pull",
                    "DELETE /sessions/nobody"));
    try (ConsoleBrowser browser = browser("scopes", scopes.toArray(String[]::new))) {
      Map<String, String> keys = new HashMap<>();
      for (String scope : scopes) {
        keys.put(scope, browser.await("made " + scope));
      }
      assertThat(browser.await("nothing")).contains("scopes: expected at least one");
      for (String scope : scopes) {
        for (Map.Entry<String, List<String>> needing : requests.entrySet()) {
          for (String request : needing.getValue()) {
            HttpResponse<String> response = send(request, keys.get(scope));
            if (needing.getKey().equals(scope)) {
              assertThat(response.statusCode()).as("%s: %s", scope, request).isNotIn(401, 403);
            } else {
              assertThat(response.statusCode()).as("%s: %s", scope, request).isEqualTo(403);
              assertThat(response.body())
                  .as("%s: %s", scope, request)
                  .contains("The key lacks the scope " + needing.getKey());
            }
          }
        }
      }
      browser.goOn();
      browser.await("revoked");
      for (String scope : scopes) {
        await()
            .untilAsserted(
                () ->
                    assertThat(send(requests.get(scope).getFirst(), keys.get(scope)).statusCode())
                        .as(scope)
                        .isEqualTo(401));
      }
      browser.goOn();
      assertThat(browser.rest()).isEmpty();
    }
  }

  private static HttpResponse<String> send(String request, String key) throws Exception {
    String[] words = request.split(" ");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://" + gateway.http() + words[1]))
              .method(words[0], HttpRequest.BodyPublishers.noBody())
              .header("X-API-Key", key)
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
