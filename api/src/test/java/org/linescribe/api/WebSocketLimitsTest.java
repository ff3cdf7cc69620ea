package org.linescribe.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WebSocketLimitsTest {
  @Test
  void refusesMoreSocketsOnOneSessionThanTheLimitWith1013() throws InterruptedException {
    FakeSessions sessions = new FakeSessions();
    try (ApiServer server =
        ApiServer.start(sessions, Map.of("linescribe.api.max-sockets-per-session", "2"))) {
      String uri = server.ws("/ws/subscribe/s");
      try (WebSocketClient first = WebSocketClient.connect(uri)) {
        try (WebSocketClient second = WebSocketClient.connect(uri)) {
          assertThat(WebSocketClient.connect(uri).closed().code()).isEqualTo(1013);
          assertThat(first.isClosed() || second.isClosed()).isFalse();
        }
        await().until(() -> sessions.session("s").readers() == 1);
        try (WebSocketClient third = WebSocketClient.connect(uri)) {
          await().until(() -> sessions.session("s").readers() == 2);
          assertThat(third.isClosed()).isFalse();
        }
      }
    }
  }

  @Test
  void refusesMoreSocketsThanTheLimitWith1013AndAReason() {
    try (ApiServer server =
        ApiServer.start(new FakeSessions(), Map.of("linescribe.api.max-sockets", "1"))) {
      try (WebSocketClient first = WebSocketClient.connect(server.ws("/ws/subscribe/a"))) {
        assertThat(WebSocketClient.connect(server.ws("/ws/subscribe/b")).closed())
            .isEqualTo(
                new WebSocketClient.Closed(1013, "too many sockets on this node; retry after 5 s"));
        assertThat(first.isClosed()).isFalse();
      }
    }
  }

  @Test
  void takesAPeerThatGivesNoSignForDead() throws IOException {
    FakeSessions sessions = new FakeSessions();
    try (ApiServer server =
            ApiServer.start(
                sessions,
                Map.of("linescribe.api.keep-alive", "1s", "linescribe.api.dead-after", "2s"));
        Socket halfOpen = new Socket("127.0.0.1", server.port())) {
      upgrade(halfOpen, "/ws/subscribe/half-open");
      try (WebSocketClient alive = WebSocketClient.connect(server.ws("/ws/subscribe/half-open"))) {
        await().until(() -> sessions.session("half-open").readers() == 2);

        await().until(() -> sessions.session("half-open").readers() == 1);

        assertThat(alive.isClosed()).isFalse();
        assertThat(
                server
                    .bean(MeterRegistry.class)
                    .get("linescribe.api.websocket.dead")
                    .tag("route", "/ws/subscribe/{session_id}")
                    .counter()
                    .count())
            .isEqualTo(1);
      }
    }
  }

  @Test
  void closesWith1001WhenTheServerStops() {
    ApiServer server = ApiServer.start(new FakeSessions(), Map.of());
    try (WebSocketClient client = WebSocketClient.connect(server.ws("/ws/subscribe/x"))) {
      server.close();
      assertThat(client.closed().code()).isEqualTo(1001);
    }
  }

  /** A client that says hello and never anything again. */
  private static void upgrade(Socket socket, String path) throws IOException {
    String request =
        """
        GET %s HTTP/1.1
        Host: 127.0.0.1
        Upgrade: websocket
        Connection: Upgrade
        Sec-WebSocket-Version: 13
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

        """
            .formatted(path)
            .replace("\n", "\r\n");
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    InputStream in = socket.getInputStream();
    StringBuilder response = new StringBuilder();
    while (response.indexOf("\r\n\r\n") < 0) {
      response.append((char) in.read());
    }
    assertThat(response.toString()).startsWith("HTTP/1.1 101");
  }
}
