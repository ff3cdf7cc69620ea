package org.linescribe.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.access.KeyedServer.KEY;
import static org.linescribe.api.access.KeyedServer.PAGE;
import static org.linescribe.api.access.KeyedServer.curl;
import static org.linescribe.api.access.KeyedServer.settings;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;

/** Which web pages may call. */
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
}
