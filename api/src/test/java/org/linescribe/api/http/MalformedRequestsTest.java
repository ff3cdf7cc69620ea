package org.linescribe.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.LogCapture;
import org.linescribe.testsupport.Patience;

class MalformedRequestsTest {
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    server = ApiServer.start(new FakeSessions(), Map.of());
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  /** Each has an escape sequence or a key where Netty's decoder quotes it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /sessions?access_token=ls_secret HTTP/9\u001b[2J.x\r\n\r\n",
        "GET /sessions HTTP/1.1 ls_secret\u001b[31m\r\n\r\n",
        "ls_secret\u001b[31m\r\n\r\n",
        "GET / HTTP/1.1\r\nls_secret\u001b[31m\r\n\r\n",
        "GET / HTTP/1.1\r\nX-\u001b[31mls_secret: x\r\n\r\n",
        "GET / HTTP/1.1\r\nX-API-Key: ls_secret\u000b\u001b[31m\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: ls_secret\u001b[31m\r\n\r\n",
        "POST / HTTP/1.1\r\n"
            + "Host: x\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
            + "ls_secret\u001b[31m\r\n\r\n",
        "GET /\u001b[31mls_secret HTTP/1.1\r\nHost: x\r\n\r\n",
        "TR\u001bCE /ls_secret HTTP/1.1\r\nHost: x\r\n\r\n",
      })
  void nothingOfThemReachesTheLog(String request) throws Exception {
    try (LogCapture log = LogCapture.of("ROOT");
        Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(Patience.LIMIT_MS);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      socket.getInputStream().readAllBytes();
      assertThat(log.lines())
          .noneMatch(line -> line.contains("ls_secret") || line.contains("\u001b"));
    }
  }
}
