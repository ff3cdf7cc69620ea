package org.linescribe.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;
import static org.linescribe.api.access.KeyedServer.KEY;
import static org.linescribe.api.access.KeyedServer.count;
import static org.linescribe.api.access.KeyedServer.curl;
import static org.linescribe.api.access.KeyedServer.hash;
import static org.linescribe.api.access.KeyedServer.settings;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.WebSocketClient;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;
import org.slf4j.LoggerFactory;

/** Who is let in, and by what. */
@NeedsTool(Tool.CURL)
class AccessFilterTest {
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    server = ApiServer.start(new FakeSessions(), settings());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/sessions",
        "/health",
        "/metrics",
        "/docs",
        "/openapi.json",
        "/no/such/path",
        "/static/audio/x.wav",
        "/stt/stream",
        "/docs/assets/docs.css"
      })
  void asksForAKeyOnEveryPath(String path) throws Exception {
    HttpResponse<String> response = get(server.http(path));

    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.headers().firstValue("WWW-Authenticate"))
        .hasValue("Bearer realm=\"linescribe\"");
    assertThat(json(response).get("error").asString()).startsWith("A key is required");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/health/live", "/health/ready"})
  void letsProbesInWithoutAKey(String path) throws Exception {
    assertThat(get(server.http(path)).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/health/live/", "/health//live", "//health/live", "/health/live;/../../sessions"})
  void letsNothingElseInBesideTheProbes(String path) throws Exception {
    assertThat(curl("--path-as-is", server.http(path))).startsWith("HTTP/1.1 401");
  }

  @ParameterizedTest
  @CsvSource({
    "Authorization: Bearer ls_test-key-of-the-crm",
    "Authorization: bearer ls_test-key-of-the-crm",
    "X-API-Key: ls_test-key-of-the-crm",
    "Cookie: linescribe_access=ls_test-key-of-the-crm",
  })
  void letsAKeyInByHeader(String header) throws Exception {
    assertThat(curl("--header", header, server.http("/sessions"))).startsWith("HTTP/1.1 200");
  }

  @Test
  void letsAKeyInByTheQuery() throws Exception {
    assertThat(get(server.http("/sessions?access_token=" + KEY + "&limit=5")).statusCode())
        .isEqualTo(200);
    assertThat(get(server.http("/sessions?limit=x&access%5Ftoken=" + KEY)).statusCode())
        .isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization: Bearer ls_test-key-of-the-crn",
        "Authorization: Bearer",
        "Authorization: Bearer ",
        "X-API-Key: ",
        "X-API-Key: ls_test-key-of-the-crm-and-more",
        "X-API-Key: 0000",
        "Cookie: linescribe_access=x"
      })
  void refusesWhatIsNoKey(String header) throws Exception {
    String answer = curl("--header", header, server.http("/sessions"));

    assertThat(answer).startsWith("HTTP/1.1 401").contains("WWW-Authenticate: Bearer realm=");
    assertThat(answer).contains("\"error\":");
  }

  @Test
  void doesNotTakeAHashForItsKey() throws Exception {
    String answer = curl("--header", "X-API-Key: " + hash(KEY), server.http("/sessions"));

    assertThat(answer).startsWith("HTTP/1.1 401").contains("error=\"invalid_token\"");
  }

  @Test
  void countsByTheKeysNameAndNeverByTheKey() throws Exception {
    double before = count(server, "linescribe.access.granted", "key", "crm");
    double unknown =
        count(server, "linescribe.access.refused", "key", "none", "reason", "unknown-key");

    get(server.http("/sessions"), "X-API-Key", KEY);
    get(server.http("/sessions"), "X-API-Key", "wrong");

    assertThat(count(server, "linescribe.access.granted", "key", "crm")).isEqualTo(before + 1);
    assertThat(count(server, "linescribe.access.refused", "key", "none", "reason", "unknown-key"))
        .isEqualTo(unknown + 1);
    assertThat(get(server.http("/metrics"), "X-API-Key", KEY).body())
        .contains("linescribe_access_granted_total{key=\"crm\"}")
        .doesNotContain(KEY)
        .doesNotContain(hash(KEY));
  }

  @Test
  void writesNoKeyIntoTheLog() throws Exception {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    try (ApiServer own = ApiServer.start(new FakeSessions(), settings())) {
      // Not before: a start sets logging up anew.
      Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
      Level before = root.getLevel();
      root.addAppender(log);
      root.setLevel(Level.TRACE);
      try {
        get(own.http("/sessions?access_token=" + KEY));
        get(own.http("/sessions?access_token=ls_somebody-elses"));
        get(own.http("/sessions?access%5Ftoken=" + KEY), "Accept", "text/html");
        get(own.http("/sessions/x/segments?from_seq=x&access_token=" + KEY));
        try (WebSocketClient reader =
            WebSocketClient.connect(own.ws("/ws/subscribe/x?from_seq=0&access_token=" + KEY))) {
          assertThat(reader.closed().code()).isEqualTo(1008);
        }
      } finally {
        root.detachAppender(log);
        root.setLevel(before);
      }
    }
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .anyMatch(line -> line.startsWith("A key that is not configured came from"))
        .noneMatch(line -> line.contains("ls_"));
    // What would show it is there, of the gateway and of the libraries below.
    assertThat(log.list)
        .extracting(ILoggingEvent::getLoggerName)
        .anyMatch(name -> name.startsWith("org.springframework.web"))
        .anyMatch(name -> name.startsWith("reactor.netty"));
  }

  @Test
  void signsABrowserInAndTakesTheKeyOutOfItsAddress(@TempDir Path folder) throws Exception {
    Path cookies = folder.resolve("cookies");
    String redirect =
        curl(
            "--header",
            "Accept: text/html,application/xhtml+xml",
            "--cookie-jar",
            cookies.toString(),
            server.http("/sessions?limit=1&access_token=" + KEY));
    assertThat(redirect)
        .startsWith("HTTP/1.1 303")
        .contains("Location: /sessions?limit=1\r\n".strip())
        .containsIgnoringCase("HttpOnly")
        .contains("SameSite=Strict")
        .contains("Cache-Control: no-store");
    assertThat(curl("--cookie", cookies.toString(), server.http("/sessions?limit=1")))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void takesNoKeyThatIsNoHeaderForOne() throws Exception {
    for (String token : List.of("%0A", "%00", "a%0D%0Ab", "", "%C3%A9", "%zz")) {
      assertThat(curl(server.http("/sessions?access_token=" + token)))
          .as(token)
          .matches("(?s)HTTP/1.1 40[01].*");
    }
    assertThat(curl("--header", "Linescribe-Key-Of-Address: " + KEY, server.http("/sessions")))
        .startsWith("HTTP/1.1 401");
  }

  @Test
  void signsABrowserInAtItsOwnHostOnly() throws Exception {
    String redirect =
        curl(
            "--path-as-is",
            "--header",
            "Accept: text/html",
            server.http("//evil.example/docs?access_token=" + KEY));
    assertThat(redirect).startsWith("HTTP/1.1 303").contains("Location: /evil.example/docs");
  }

  @Test
  void servesMetricsWithoutAKeyWhereTheSettingSaysSo() throws Exception {
    Map<String, Object> open = settings();
    open.put("linescribe.access.open-metrics", "true");
    try (ApiServer scraped = ApiServer.start(new FakeSessions(), open)) {
      assertThat(get(scraped.http("/metrics")).statusCode()).isNotEqualTo(401);
      assertThat(get(scraped.http("/sessions")).statusCode()).isEqualTo(401);
    }
  }
}
