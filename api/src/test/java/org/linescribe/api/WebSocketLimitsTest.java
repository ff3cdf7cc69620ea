package org.linescribe.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.RawWebSocket.Frame;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Patience;
import org.linescribe.testsupport.ProgramRun;
import org.linescribe.testsupport.PythonClients;
import org.linescribe.testsupport.Tool;

class WebSocketLimitsTest {
  private static double open(ApiServer server) {
    return server.bean(MeterRegistry.class).get("linescribe.api.websocket.open").gauge().value();
  }

  private static void awaitOpen(ApiServer server, int sockets) {
    await().until(() -> open(server) == sockets);
  }

  @Test
  void refusesMoreSocketsOnOneSessionThanTheLimitWith1013() {
    FakeSessions sessions = new FakeSessions();
    try (ApiServer server =
        ApiServer.start(sessions, Map.of("linescribe.api.max-sockets-per-session", "2"))) {
      String uri = server.ws("/ws/subscribe/s?wait=true");
      try (WebSocketClient first = WebSocketClient.connect(uri)) {
        try (WebSocketClient second = WebSocketClient.connect(uri)) {
          awaitOpen(server, 2);
          assertThat(WebSocketClient.connect(uri).closed().code()).isEqualTo(1013);
          assertThat(first.isClosed() || second.isClosed()).isFalse();
        }
        awaitOpen(server, 1);
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
      try (WebSocketClient first =
          WebSocketClient.connect(server.ws("/ws/subscribe/a?wait=true"))) {
        awaitOpen(server, 1);
        assertThat(WebSocketClient.connect(server.ws("/ws/subscribe/b?wait=true")).closed())
            .isEqualTo(
                new WebSocketClient.Closed(1013, "too many sockets on this node; retry after 5 s"));
        assertThat(first.isClosed()).isFalse();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"linescribe.api.max-sockets", "linescribe.api.max-sockets-per-session"})
  void aRefusedSocketThatLingersHoldsNoPlace(String limit) throws IOException {
    FakeSessions sessions = new FakeSessions();
    try (ApiServer server =
            ApiServer.start(sessions, Map.of(limit, "1", "linescribe.api.close-within", "1m"));
        WebSocketClient first = WebSocketClient.connect(server.ws("/ws/subscribe/s?wait=true"))) {
      awaitOpen(server, 1);
      // It does not answer the close: its connection stays.
      try (RawWebSocket refused =
          RawWebSocket.upgrade(server.port(), "/ws/subscribe/s?wait=true")) {
        assertThat(refused.next().closeCode()).isEqualTo(1013);
        assertThat(open(server)).isEqualTo(1);
        first.sayGoodbye();
        awaitOpen(server, 0);

        try (WebSocketClient next =
            WebSocketClient.connect(server.ws("/ws/subscribe/s?wait=true"))) {
          await().until(() -> next.isClosed() || sessions.session("s").readers() == 1);
          assertThat(next.isClosed()).isFalse();
        }
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
        RawWebSocket silent =
            RawWebSocket.upgrade(server.port(), "/ws/subscribe/half-open?wait=true")) {
      assertThat(silent.next().opcode()).isEqualTo(Frame.PING);
      await()
          .untilAsserted(
              () ->
                  assertThat(
                          server
                              .bean(MeterRegistry.class)
                              .get("linescribe.api.websocket.dead")
                              .tag("route", "/ws/subscribe/{session_id}")
                              .counter()
                              .count())
                      .isEqualTo(1));
      await().until(() -> sessions.session("half-open").readers() == 0);
    }
  }

  /** On a machine that stalls between connection and request the server may be the faster. */
  private static WebSocketClient connectedInTime(String uri) {
    return await().ignoreExceptions().until(() -> WebSocketClient.connect(uri), Objects::nonNull);
  }

  /** Who says nothing on a connection, or half a request's head, holds it no longer than that. */
  @ParameterizedTest
  @ValueSource(strings = {"", "GET /health/live HTTP/1.1\r\nHost: local"})
  void closesAConnectionOnWhichNoRequestComesAndNoSocket(String said) throws Exception {
    try (ApiServer server =
            ApiServer.start(
                new FakeSessions(),
                Map.of("linescribe.api.idle-connection", "1s", "linescribe.api.dead-after", "5m"));
        WebSocketClient open = connectedInTime(server.ws("/stt/stream"))) {
      assertThat(open.next()).contains("session_started");
      try (Socket silent = new Socket("127.0.0.1", server.port())) {
        silent.setSoTimeout(Math.toIntExact(Patience.LIMIT.toMillis()));
        silent.getOutputStream().write(said.getBytes(StandardCharsets.US_ASCII));

        assertThat(silent.getInputStream().read()).isEqualTo(-1);
      }

      open.send("{\"type\":\"keepalive\"}");
      assertThat(open.next()).contains("keepalive");
    }
  }

  @NeedsTool(Tool.PYTHON_VENV)
  @Test
  void tellsAClientWhoseMessageIsTooBigWhyEvenThoughItSendsAllOfIt() throws Exception {
    try (ApiServer server =
        ApiServer.start(new FakeSessions(), Map.of("linescribe.api.close-within", "1m"))) {
      String script =
          """
          import asyncio, sys, websockets
          async def main():
              async with websockets.connect(sys.argv[1], open_timeout=120, ping_timeout=None) as ws:
                  try:
                      await ws.send(bytes(20_000_000))
                      await ws.recv()
                  except websockets.ConnectionClosed as closed:
                      print(closed.rcvd.code, closed.rcvd.reason)
          asyncio.run(main())
          """;
      ProgramRun ended =
          ProgramRun.of(
              Path.of("."),
              List.of(
                  PythonClients.python(),
                  "-c",
                  script,
                  server.ws("/ws/transcribe/too-big?codec=pcmu")));
      assertThat(ended.output()).isEqualTo("1009 message too big (at most 1048576 bytes)\n");
    }
  }

  @Test
  void closesWith1001WhenTheServerStops() {
    ApiServer server = ApiServer.start(new FakeSessions(), Map.of());
    try (WebSocketClient client = WebSocketClient.connect(server.ws("/ws/subscribe/x?wait=true"))) {
      awaitOpen(server, 1);
      server.close();
      assertThat(client.closed().code()).isEqualTo(1001);
    }
  }
}
