package org.linescribe.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.access.KeyedServer.KEY;
import static org.linescribe.api.access.KeyedServer.PAGE;
import static org.linescribe.api.access.KeyedServer.curl;
import static org.linescribe.api.access.KeyedServer.settings;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.LogCapture;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;

/** Which web pages may call. */
@NeedsTool(Tool.CURL)
class AccessOriginsTest {
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    server = ApiServer.start(new FakeSessions(), settings());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  void refusesAForeignPageAndNamesTheSetting() throws Exception {
    String foreign = "Origin: https://evil.example";
    assertThat(curl("--header", foreign, "--header", "X-API-Key: " + KEY, server.http("/sessions")))
        .startsWith("HTTP/1.1 403")
        .contains("linescribe.access.allowed-origins")
        .doesNotContain("Access-Control-Allow-Origin");
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
        .contains("Access-Control-Allow-Methods: GET,HEAD,POST,PUT,DELETE")
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

  @ParameterizedTest
  @CsvSource({
    "http://localhost:3000,   200",
    "http://127.0.0.1:5500,   200",
    "http://[::1]:5500,       200",
    "null,                    200",
    "https://evil.example,    403",
    "http://localhost.evil,   403",
    "http://127.0.0.1.evil,   403",
  })
  void letsPagesOfThisMachineInWhereTheGatewayIsOnLoopback(String origin, String status)
      throws Exception {
    try (ApiServer own = ApiServer.start(new FakeSessions(), Map.of())) {
      String answer = curl("--header", "Origin: " + origin, own.http("/sessions"));
      assertThat(answer).startsWith("HTTP/1.1 " + status);
      if (status.equals("200")) {
        assertThat(answer).contains("Access-Control-Allow-Origin: " + origin);
      }
    }
  }

  /** An image or a script of a page makes the browser send no Origin. */
  @ParameterizedTest
  @CsvSource({
    "/socket.io/?EIO=4&transport=polling, no-cors,  image,    403",
    "/socket.io/?EIO=4&transport=polling, navigate, document, 403",
    "/socket.io/?EIO=4&transport=polling, navigate, iframe,   403",
    "/sessions,                           no-cors,  script,   403",
    "/sessions,                           navigate, iframe,   403",
    "/docs,                               navigate, document, 200",
  })
  void opensNoSessionForAPageOfAnotherSite(String path, String mode, String dest, String status)
      throws Exception {
    try (ApiServer own = ApiServer.start(new FakeSessions(), Map.of())) {
      assertThat(
              curl(
                  "--header",
                  "Sec-Fetch-Site: cross-site",
                  "--header",
                  "Sec-Fetch-Mode: " + mode,
                  "--header",
                  "Sec-Fetch-Dest: " + dest,
                  "--header",
                  "Accept: text/html,*/*",
                  own.http(path)))
          .startsWith("HTTP/1.1 " + status);
      assertThat(
              own.bean(MeterRegistry.class).get("linescribe.api.socketio.clients").gauge().value())
          .isZero();
    }
  }

  @Test
  void logsARefusedPageOnceWithTheSettingThatLetsItIn() throws Exception {
    try (ApiServer own = ApiServer.start(new FakeSessions(), Map.of());
        LogCapture log = LogCapture.of(AccessFilter.class.getName())) {
      for (int n = 0; n < 5; n++) {
        curl("--header", "Origin: https://evil.example", own.http("/sessions"));
      }
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("https://evil.example", "linescribe.access.allowed-origins");
    }
  }

  private static String probe() {
    return server.http("/health/live");
  }
}
