package org.linescribe.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.HttpAnswers.json;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.ClientTools;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.WebSocketClient;
import org.slf4j.LoggerFactory;

class AccessFilterTest {
  private static final String KEY = "ls_test-key-of-the-crm";
  private static final String SLOW_KEY = "ls_test-key-with-small-limits";
  private static final String PAGE = "https://crm.example";

  private static FakeSessions sessions;
  private static ApiServer server;

  private static String hash(String key) {
    return HexFormat.of().formatHex(ApiKey.sha256(key));
  }

  private static Map<String, Object> settings() {
    Map<String, Object> settings = new TreeMap<>();
    settings.put("linescribe.access.mode", "required");
    settings.put("linescribe.access.keys[0].name", "crm");
    settings.put("linescribe.access.keys[0].sha256", hash(KEY));
    settings.put("linescribe.access.keys[1].name", "slow");
    settings.put("linescribe.access.keys[1].sha256", hash(SLOW_KEY));
    settings.put("linescribe.access.keys[1].requests-per-second", "1");
    settings.put("linescribe.access.keys[1].burst", "3");
    settings.put("linescribe.access.allowed-origins", PAGE);
    return settings;
  }

  @BeforeAll
  static void startServer() {
    sessions = new FakeSessions();
    server = ApiServer.start(sessions, settings());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  /** Head and body as curl shows them. */
  private static String curl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("curl", "--silent", "--include"));
    command.addAll(List.of("--max-time", "20"));
    command.addAll(List.of(arguments));
    return ClientTools.run(Path.of("."), command).output();
  }

  private static double count(ApiServer of, String meter, String... tags) {
    var counter = of.bean(MeterRegistry.class).find(meter).tags(tags).counter();
    return counter == null ? 0 : counter.count();
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
        "/socket.io/?EIO=4&transport=polling",
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
      Logger root = (Logger) LoggerFactory.getLogger("org.linescribe");
      Level before = root.getLevel();
      root.addAppender(log);
      root.setLevel(Level.TRACE);
      try {
        get(own.http("/sessions?access_token=" + KEY));
        get(own.http("/sessions?access_token=ls_somebody-elses"));
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
  }

  @Test
  void slowsAKeyDownAboveItsRate() throws Exception {
    double before =
        count(server, "linescribe.access.refused", "key", "slow", "reason", "requests-per-second");
    List<HttpResponse<String>> answers = new ArrayList<>();
    while (answers.stream().noneMatch(answer -> answer.statusCode() == 429)) {
      answers.add(get(server.http("/sessions"), "X-API-Key", SLOW_KEY));
      assertThat(answers).hasSizeLessThan(200);
    }

    HttpResponse<String> refused = answers.getLast();
    assertThat(answers).hasSizeGreaterThan(3);
    assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
    assertThat(json(refused))
        .isEqualTo(
            json(
                "{\"error\": \"Too many requests\","
                    + " \"limit\": \"linescribe.access.requests-per-second\"}"));
    assertThat(
            count(
                server,
                "linescribe.access.refused",
                "key",
                "slow",
                "reason",
                "requests-per-second"))
        .isEqualTo(before + 1);
    assertThat(get(server.http("/sessions"), "X-API-Key", KEY).statusCode()).isEqualTo(200);
  }

  @Test
  void boundsWhatOneKeyHasOpenAndGivesThePlacesBack() throws Exception {
    Map<String, Object> two = settings();
    two.put("linescribe.access.keys[0].max-open", "2");
    String query = "?access_token=" + KEY;
    FakeSessions own = new FakeSessions();
    try (ApiServer small = ApiServer.start(own, two)) {
      WebSocketClient first = WebSocketClient.connect(small.ws("/ws/subscribe/a" + query));
      await().until(() -> own.session("a").readers() == 1);
      try (WebSocketClient _ = WebSocketClient.connect(small.ws("/ws/subscribe/b" + query))) {
        await().until(() -> own.session("b").readers() == 1);
        try (WebSocketClient third = WebSocketClient.connect(small.ws("/ws/subscribe/c" + query))) {
          assertThat(third.closed())
              .isEqualTo(
                  new WebSocketClient.Closed(1013, "too much open with this key; retry after 5 s"));
        }
        HttpResponse<String> refused = get(small.http("/sessions" + query));
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(json(refused).get("limit").asString()).isEqualTo("linescribe.access.max-open");
        assertThat(get(small.http("/sessions"), "X-API-Key", SLOW_KEY).statusCode()).isEqualTo(200);
        assertThat(count(small, "linescribe.access.refused", "key", "crm", "reason", "max-open"))
            .isEqualTo(2);

        first.close();
        await().until(() -> get(small.http("/sessions" + query)).statusCode() == 200);
      }
      await()
          .until(
              () ->
                  small
                          .bean(MeterRegistry.class)
                          .get("linescribe.access.open")
                          .tag("key", "crm")
                          .gauge()
                          .value()
                      == 0);
    }
  }

  @Test
  void givesThePlaceOfAnEventStreamBackWhenItsReaderGoes() throws Exception {
    Map<String, Object> one = settings();
    one.put("linescribe.access.keys[0].max-open", "1");
    FakeSessions own = new FakeSessions();
    own.session("s").ends("one");
    try (ApiServer small = ApiServer.start(own, one)) {
      Process stream =
          new ProcessBuilder(
                  "curl",
                  "--silent",
                  "--no-buffer",
                  "--max-time",
                  "60",
                  small.http("/sessions/s/events?access_token=" + KEY))
              .start();
      try {
        await().until(() -> own.session("s").readers() == 1);
        assertThat(get(small.http("/sessions"), "X-API-Key", KEY).statusCode()).isEqualTo(429);
      } finally {
        stream.destroy();
      }
      await().until(() -> get(small.http("/sessions"), "X-API-Key", KEY).statusCode() == 200);
    }
  }

  @Test
  void letsNoForeignPageIn() throws Exception {
    String foreign = "Origin: https://evil.example";
    assertThat(curl("--header", foreign, "--header", "X-API-Key: " + KEY, server.http("/sessions")))
        .startsWith("HTTP/1.1 403")
        .contains("{\"error\":\"Origin not allowed\"}")
        .doesNotContain("Access-Control-Allow-Origin");
    assertThat(curl("--header", "Origin: null", server.http("/health/live")))
        .startsWith("HTTP/1.1 403");
  }

  @Test
  void letsAnAllowedPageInAndAnswersItsPreflight() throws Exception {
    String preflight =
        curl(
            "--request",
            "OPTIONS",
            "--header",
            "Origin: " + PAGE,
            "--header",
            "Access-Control-Request-Method: POST",
            "--header",
            "Access-Control-Request-Headers: authorization, x-anything",
            server.http("/sessions"));
    assertThat(preflight)
        .startsWith("HTTP/1.1 204")
        .contains("Access-Control-Allow-Origin: " + PAGE)
        .contains("Access-Control-Allow-Methods: GET,HEAD,POST")
        .contains("Access-Control-Allow-Headers: authorization, x-anything")
        .contains("Vary: Origin");

    String answer =
        curl(
            "--header",
            "Origin: " + PAGE,
            "--header",
            "X-API-Key: " + KEY,
            server.http("/sessions"));
    assertThat(answer).startsWith("HTTP/1.1 200").contains("Access-Control-Allow-Origin: " + PAGE);
    String withoutKey = curl("--header", "Origin: " + PAGE, server.http("/sessions"));
    assertThat(withoutKey)
        .startsWith("HTTP/1.1 401")
        .contains("Access-Control-Allow-Origin: " + PAGE);
  }

  @Test
  void refusesThePreflightOfAForeignPage() throws Exception {
    assertThat(
            curl(
                "--request",
                "OPTIONS",
                "--header",
                "Origin: https://evil.example",
                "--header",
                "Access-Control-Request-Method: GET",
                server.http("/sessions")))
        .startsWith("HTTP/1.1 403")
        .doesNotContain("Access-Control-Allow");
  }

  @ParameterizedTest
  @CsvSource({
    "gateway.example:8443, https://gateway.example:8443, 200",
    "gateway.example,      https://gateway.example,      200",
    "gateway.example,      http://gateway.example,       200",
    "gateway.example,      https://gateway.example:8443, 403",
    "gateway.example,      https://gateway.example.evil, 403",
    "gateway.example,      https://evilgateway.example,  403",
    "[::1]:8000,           http://[::1]:8000,            200",
  })
  void takesPagesOfItsOwnHostForItsOwn(String host, String origin, String status) throws Exception {
    assertThat(curl("--header", "Host: " + host, "--header", "Origin: " + origin, probe()))
        .startsWith("HTTP/1.1 " + status);
  }

  private static String probe() {
    return server.http("/health/live");
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
  void letsAPythonWebSocketInWithAKeyOnly(@TempDir Path folder) throws Exception {
    sessions.session("python").ends("words");
    Files.writeString(
        folder.resolve("reader.py"),
        """
        import asyncio, sys, websockets
        uri, key = sys.argv[1], sys.argv[2]
        major = int(websockets.__version__.split(".")[0])
        headers = "additional_headers" if major >= 14 else "extra_headers"

        async def status(uri, **more):
            try:
                async with websockets.connect(uri, **more) as ws:
                    return await asyncio.wait_for(ws.recv(), 10)
            except Exception as e:
                found = getattr(e, "status_code", None)
                return found if found is not None else e.response.status_code

        async def main():
            print(await status(uri))
            print(await status(uri + "?access_token=wrong"))
            print(await status(uri, **{headers: {"Authorization": "Bearer " + key}}))
            print(await status(uri, **{headers: {"X-API-Key": key}}))
            print(await status(uri + "?access_token=" + key))
            print(await status(uri + "?access_token=" + key, origin="https://evil.example"))
            print(await status(uri + "?access_token=" + key, origin="https://crm.example"))

        asyncio.run(main())
        """);
    ClientTools.Ended ended =
        ClientTools.run(
            folder,
            List.of(ClientTools.python(), "reader.py", server.ws("/ws/subscribe/python"), KEY));

    assertThat(ended.status()).as(ended.output()).isZero();
    assertThat(ended.lines())
        .as(ended.output())
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("401"),
            line -> assertThat(line).isEqualTo("401"),
            line -> assertThat(line).contains("\"words\""),
            line -> assertThat(line).contains("\"words\""),
            line -> assertThat(line).contains("\"words\""),
            line -> assertThat(line).isEqualTo("403"),
            line -> assertThat(line).contains("\"words\""));
  }

  @Test
  void letsANodeWebSocketInWithAKeyOnly() throws Exception {
    sessions.session("node").ends("words");
    Path folder = ClientTools.nodeFolder();
    Files.writeString(
        folder.resolve("access.cjs"),
        """
        const WebSocket = require('ws');
        const [uri, key] = process.argv.slice(2);
        const attempt = (to, options) => new Promise(resolve => {
          const ws = new WebSocket(to, options);
          ws.on('message', data => { resolve('message ' + data); ws.close(); });
          ws.on('unexpected-response', (_, response) => {
            resolve('status ' + response.statusCode + ' ' + response.headers['www-authenticate']);
            ws.terminate();
          });
          ws.on('error', () => {});
        });
        (async () => {
          console.log(await attempt(uri));
          console.log(await attempt(uri, {headers: {Authorization: 'Bearer ' + key}}));
          console.log(await attempt(uri + '?access_token=' + key));
          console.log(await attempt(uri + '?access_token=' + key, {origin: 'https://evil.example'}));
        })();
        """);
    ClientTools.Ended ended =
        ClientTools.run(
            folder, List.of("node", "access.cjs", server.ws("/ws/subscribe/node"), KEY));

    assertThat(ended.lines())
        .as(ended.output())
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("status 401 Bearer realm=\"linescribe\""),
            line -> assertThat(line).startsWith("message ").contains("words"),
            line -> assertThat(line).startsWith("message ").contains("words"),
            line -> assertThat(line).startsWith("status 403"));
  }

  @Test
  void asksForNoKeyOnLoopbackByDefaultButKeepsForeignPagesOut() throws Exception {
    try (ApiServer open = ApiServer.start(new FakeSessions(), Map.of())) {
      assertThat(get(open.http("/sessions")).statusCode()).isEqualTo(200);
      assertThat(get(open.http("/sessions?access_token=any")).statusCode()).isEqualTo(200);
      assertThat(get(open.http("/sessions"), "Origin", "https://evil.example").statusCode())
          .isEqualTo(403);
    }
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
