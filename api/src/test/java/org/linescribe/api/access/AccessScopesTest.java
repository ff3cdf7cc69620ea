package org.linescribe.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.api.HttpAnswers.json;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.WebSocketClient;

class AccessScopesTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static ApiServer server;

  @BeforeAll
  static void startServer() {
    Map<String, Object> settings = new TreeMap<>();
    String[] scopes = {"read", "send", "admin", "webhook", ""};
    for (int n = 0; n < scopes.length; n++) {
      String key = "linescribe.access.keys[" + n + "].";
      String name = scopes[n].isEmpty() ? "all" : scopes[n];
      settings.put(key + "name", name);
      settings.put(key + "sha256", KeyedServer.hash("ls_" + name));
      if (!scopes[n].isEmpty()) {
        settings.put(key + "scopes", scopes[n]);
      }
    }
    FakeSessions sessions = new FakeSessions();
    sessions.owned("x", "read").ends("one");
    server = ApiServer.start(sessions, settings);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "GET,  /sessions,                            read",
    "HEAD, /sessions/x,                          read",
    "GET,  /docs,                                read",
    "GET,  /metrics,                             admin",
    "GET,  /%6Detrics,                           admin",
    "GET,  /keys,                                admin",
    "GET,  /keys;a=b,                            admin",
    "POST, /%6Beys,                              admin",
    "DELETE, /%73essions/y,                      admin",
    "PUT,  /sessions/x/webhook,                  webhook",
    "GET,  /sessions/x/%77ebhook,                webhook",
    "DELETE, /sessions/x/webhook,                webhook",
    "POST, /sessions/x/media,                    send",
    "DELETE, /sessions/x/%6Dedia,                send",
    "GET,  /sessions/x/media,                    read",
    "DELETE, /sessions/media,                    admin",
    "DELETE, /sessions/webhook,                  admin",
    "GET,  /sessions/x/%65rasure,                admin",
    "POST, /calls/x/mark,                        admin",
    "GET,  /models,                              read",
    "POST, /models/x/pull,                       admin",
    "POST, /models/x/speed,                      admin",
    "POST, /models/x/default,                    admin",
    "GET,  /models/x/pull,                       admin",
    "POST, /stt/stream-chunk,                    send",
    "POST, /streaming/force_stop,                send",
    "POST, /api/audio/sessions/x/close,          send",
    "GET,  /socket.io/?EIO=4&transport=polling,  send",
  })
  void aRequestNeedsItsScopeAndAKeyWithoutScopesHasAll(String method, String path, String needed)
      throws Exception {
    for (String key : new String[] {"read", "send", "admin", "webhook", "all"}) {
      HttpResponse<String> response =
          CLIENT.send(
              HttpRequest.newBuilder(URI.create(server.http(path)))
                  .method(method, HttpRequest.BodyPublishers.noBody())
                  .header("X-API-Key", "ls_" + key)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      if (key.equals(needed) || key.equals("all")) {
        assertThat(response.statusCode()).as(key).isNotIn(401, 403);
      } else {
        assertThat(response.statusCode()).as(key).isEqualTo(403);
        if (!method.equals("HEAD")) {
          assertThat(json(response))
              .isEqualTo(
                  json(
                      "{\"error\": \"The key lacks the scope %s\", \"scope\": \"%s\"}"
                          .formatted(needed, needed)));
        }
      }
    }
  }

  @Test
  void aReadersKeySubscribesButSendsNoAudio() throws Exception {
    try (WebSocketClient reader =
        WebSocketClient.connect(server.ws("/ws/subscribe/x?access_token=ls_read"))) {
      assertThat(reader.next()).contains("one");
    }
    try (WebSocketClient client =
        WebSocketClient.connect(server.ws("/socket.io/?EIO=4&transport=websocket"))) {
      client.next();
      client.send("40/streaming,{\"token\":\"ls_read\"}");
      assertThat(client.next()).startsWith("44/streaming,").contains("lacks the scope send");
    }
  }
}
