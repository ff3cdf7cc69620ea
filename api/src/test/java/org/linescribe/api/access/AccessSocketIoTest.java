package org.linescribe.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.api.access.KeyedServer.KEY;
import static org.linescribe.api.access.KeyedServer.settings;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.WebSocketClient;

/** Browsers bring a Socket.IO key in {@code auth: {token}}, after the handshake. */
class AccessSocketIoTest {
  private static final String SOCKET = "/socket.io/?EIO=4&transport=websocket";

  private ApiServer server;

  @BeforeEach
  void startServer() {
    Map<String, Object> settings = settings();
    settings.put("linescribe.socketio.max-clients", "20");
    server = ApiServer.start(new FakeSessions(), settings);
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  private WebSocketClient open(String query) throws InterruptedException {
    WebSocketClient client = WebSocketClient.connect(server.ws(SOCKET + query));
    assertThat(client.next()).startsWith("0{");
    return client;
  }

  private double clients() {
    return server.bean(MeterRegistry.class).get("linescribe.api.socketio.clients").gauge().value();
  }

  private double openWith(String key) {
    return server
        .bean(MeterRegistry.class)
        .get("linescribe.access.open")
        .tag("key", key)
        .gauge()
        .value();
  }

  @Test
  void letsAClientJoinWithItsKeyInAuthAndCountsItUntilItLeaves() throws Exception {
    try (WebSocketClient client = open("")) {
      client.send("40/streaming,{\"token\":\"" + KEY + "\"}");
      assertThat(client.next()).startsWith("40/streaming,{\"sid\"");
      assertThat(openWith("crm")).isEqualTo(1);
    }
    await().until(() -> openWith("crm") == 0);
  }

  @Test
  void letsAClientJoinWithItsKeyInTheHandshake() throws Exception {
    try (WebSocketClient client = open("&access_token=" + KEY)) {
      client.send("40/streaming,");
      assertThat(client.next()).startsWith("40/streaming,{\"sid\"");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "{\"token\":\"\"}",
        "{\"token\":\"ls_wrong\"}",
        "{\"token\":null}",
        "{\"token\":{\"a\":1}}"
      })
  void refusesAClientWithoutAKnownKey(String auth) throws Exception {
    try (WebSocketClient client = open("&token=" + KEY)) {
      client.send("40/streaming," + auth);
      assertThat(client.next()).startsWith("44/streaming,{\"message\":").contains("\"status\":401");
      client.send("42/streaming,[\"stop_recording\"]");
      assertThat(client.closed().reason()).isEqualTo("bad packet");
    }
  }

  @Test
  void strangersHoldOnlyATenthOfTheConnections() throws Exception {
    List<WebSocketClient> strangers = new ArrayList<>();
    for (int n = 0; n < 2; n++) {
      strangers.add(open(""));
    }
    assertThat(WebSocketClient.connect(server.ws(SOCKET)).closed())
        .isEqualTo(
            new WebSocketClient.Closed(1013, "Too many clients without a key; retry after 5 s"));
    try (WebSocketClient known = open("&access_token=" + KEY)) {
      strangers.getFirst().send("40/streaming,{\"token\":\"" + KEY + "\"}");
      assertThat(strangers.getFirst().next()).startsWith("40/streaming,");
      strangers.add(open(""));
      strangers.forEach(WebSocketClient::close);
      await().until(() -> clients() == 1);
      known.send("40/streaming,");
      assertThat(known.next()).startsWith("40/streaming,");
    }
  }
}
