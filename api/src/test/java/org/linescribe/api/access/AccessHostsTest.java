package org.linescribe.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.get;
import static org.linescribe.api.access.KeyedServer.count;
import static org.linescribe.api.access.KeyedServer.curl;
import static org.linescribe.api.access.KeyedServer.settings;

import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;

/** A gateway on loopback that asks for no key, and web pages that reach it by a name of theirs. */
@NeedsTool(Tool.CURL)
class AccessHostsTest {
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    server =
        ApiServer.start(
            new FakeSessions(), Map.of("linescribe.access.hosts", "pbx.example, [2001:db8::1]"));
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  private static String asked(ApiServer of, String host, String path, String... more)
      throws Exception {
    String[] arguments = new String[more.length + 3];
    arguments[0] = "--header";
    arguments[1] = "Host: " + host;
    System.arraycopy(more, 0, arguments, 2, more.length);
    arguments[more.length + 2] = of.http(path);
    return curl(arguments);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.localhost",
        "192.0.2.1",
        "192.0.2.1:8000",
        "[2001:db8::2]",
        "0.0.0.0",
        "pbx.example.evil",
        "not-pbx.example",
        ":8000"
      })
  void refusesANameThatIsNotThisMachines(String host) throws Exception {
    assertThat(asked(server, host, "/sessions"))
        .startsWith("HTTP/1.1 403")
        .contains("\"error\":\"Host not allowed: expected localhost, a loopback address, or a name")
        .contains("linescribe.access.hosts");
  }

  @Test
  void refusesAPageThatCallsItsOwnNameOnASocketToo() throws Exception {
    double before = count(server, "linescribe.access.refused", "key", "none", "reason", "host");

    String answer =
        asked(
            server,
            "evil.example:8000",
            "/ws/subscribe/x",
            "--header",
            "Origin: http://evil.example:8000",
            "--header",
            "Upgrade: websocket",
            "--header",
            "Connection: Upgrade",
            "--header",
            "Sec-WebSocket-Version: 13",
            "--header",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");

    assertThat(answer).startsWith("HTTP/1.1 403").contains("Host not allowed");
    assertThat(count(server, "linescribe.access.refused", "key", "none", "reason", "host"))
        .isEqualTo(before + 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "localhost:8000",
        "LocalHost",
        "127.0.0.1",
        "127.0.0.1:8000",
        "127.9.8.7",
        "[::1]",
        "[::1]:8000",
        "pbx.example",
        "PBX.example:8443",
        "[2001:db8::1]:8000"
      })
  void takesThisMachinesNamesAndThoseOfTheSetting(String host) throws Exception {
    assertThat(asked(server, host, "/sessions")).startsWith("HTTP/1.1 200");
  }

  @Test
  void takesAClientThatNamesNoHost() throws Exception {
    assertThat(curl("--http1.0", "--header", "Host:", server.http("/sessions")))
        .containsPattern("^HTTP/1.. 200");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/health/live", "/health/ready"})
  void answersProbesByAnyName(String path) throws Exception {
    assertThat(asked(server, "node-7.cluster.internal", path)).startsWith("HTTP/1.1 200");
  }

  @Test
  void asksNobodyForANameWhereItAsksForAKey() throws Exception {
    try (ApiServer keyed = ApiServer.start(new FakeSessions(), settings())) {
      assertThat(
              asked(
                  keyed,
                  "gateway.example",
                  "/sessions",
                  "--header",
                  "X-API-Key: " + KeyedServer.KEY))
          .startsWith("HTTP/1.1 200");
      assertThat(asked(keyed, "gateway.example", "/sessions")).startsWith("HTTP/1.1 401");
    }
  }

  @Test
  void takesAnyNameWhereTheSettingSaysSo() throws Exception {
    try (ApiServer any =
        ApiServer.start(new FakeSessions(), Map.of("linescribe.access.hosts", "*"))) {
      assertThat(asked(any, "evil.example", "/sessions")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void asksForNoKeyOnLoopbackByDefaultButKeepsForeignPagesOut() throws Exception {
    assertThat(get(server.http("/sessions")).statusCode()).isEqualTo(200);
    assertThat(get(server.http("/sessions?access_token=any")).statusCode()).isEqualTo(200);
    assertThat(get(server.http("/sessions"), "Origin", "https://evil.example").statusCode())
        .isEqualTo(403);
  }
}
