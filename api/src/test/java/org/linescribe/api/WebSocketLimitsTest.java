package org.linescribe.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
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
  void tellsAClientWhoseMessageIsTooBigWhyEvenThoughItSendsAllOfIt() throws Exception {
    try (ApiServer server = ApiServer.start(new FakeSessions(), Map.of())) {
      String script =
          """
          import asyncio, sys, websockets
          async def main():
              async with websockets.connect(sys.argv[1]) as ws:
                  try:
                      await ws.send(bytes(20_000_000))
                      await ws.recv()
                  except websockets.ConnectionClosed as closed:
                      print(closed.rcvd.code, closed.rcvd.reason)
          asyncio.run(main())
          """;
      ClientTools.Ended ended =
          ClientTools.run(
              Path.of("."),
              List.of(
                  ClientTools.python(),
                  "-c",
                  script,
                  server.ws("/ws/transcribe/too-big?codec=pcmu")));
      assertThat(ended.output()).isEqualTo("1009 message too big (at most 1048576 bytes)\n");
    }
  }

  @Test
  void refusesABrokenFrameWith1002AndEndsTheReader() throws IOException {
    FakeSessions sessions = new FakeSessions();
    try (ApiServer server = ApiServer.start(sessions, Map.of());
        Socket rude = new Socket("127.0.0.1", server.port())) {
      upgrade(rude, "/ws/subscribe/rude");
      await().until(() -> sessions.session("rude").readers() == 1);

      rude.getOutputStream().write(new byte[] {(byte) 0xF3, (byte) 0x81, 1, 2, 3, 4, 5});

      byte[] close = rude.getInputStream().readNBytes(4);
      assertThat(close[0]).isEqualTo((byte) 0x88);
      assertThat((close[2] & 0xFF) << 8 | close[3] & 0xFF).isEqualTo(1002);
      await().until(() -> sessions.session("rude").readers() == 0);
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
