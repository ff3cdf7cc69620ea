package org.linescribe.api.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import org.linescribe.api.HttpAnswers;
import org.linescribe.api.WebSocketClient;
import org.linescribe.api.socketio.protocol.ConnectionProbe;
import org.linescribe.api.socketio.protocol.EngineServer;
import org.linescribe.testsupport.Patience;

/** Engine.IO by hand: what no well-behaved client would send. */
record RawClient(SocketIoServer gateway) {
  static final String POLL = "/socket.io/?EIO=4&transport=polling";
  static final String SOCKET = "/socket.io/?EIO=4&transport=websocket";

  /** Three bytes of audio as a polling payload. */
  static final String CHUNK =
      "451-/streaming,[\"audio_chunk\",{\"_placeholder\":true,\"num\":0}]\u001ebAAAA";

  static final String RECEIVED = "42/streaming,[\"response\",{\"message\":\"received chunk\"}]";

  /** Engine.IO's own clients speak HTTP/1.1; the JDK's would first offer an upgrade to HTTP/2. */
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Audio as a polling payload. */
  static String chunk(byte[] audio) {
    return "451-/streaming,[\"audio_chunk\",{\"_placeholder\":true,\"num\":0}]\u001eb"
        + Base64.getEncoder().encodeToString(audio);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(gateway.server().http(path))).timeout(Patience.LIMIT);
  }

  HttpResponse<String> get(String path) throws Exception {
    return HTTP.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  CompletableFuture<HttpResponse<String>> getLater(String path) {
    return HTTP.sendAsync(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> post(String path, String body) throws Exception {
    return postLater(path, body).get();
  }

  CompletableFuture<HttpResponse<String>> postLater(String path, String body) {
    return HTTP.sendAsync(
        request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** With chunked transfer coding. */
  HttpResponse<String> postWithoutLength(String path, String body) throws Exception {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return HTTP.send(
        request(path)
            .POST(
                HttpRequest.BodyPublishers.ofInputStream(
                    () -> new java.io.ByteArrayInputStream(bytes)))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Opens a connection by polling: the path of its further requests. */
  String handshake() throws Exception {
    HttpResponse<String> open = get(POLL);
    assertThat(open.statusCode()).as(open.body()).isEqualTo(200);
    return POLL + "&sid=" + sid(open.body());
  }

  private static String sid(String open) {
    return HttpAnswers.json(open.substring(1)).path("sid").asString();
  }

  /** A connection by polling that is in the namespace. */
  String joined() throws Exception {
    String path = handshake();
    assertThat(post(path, "40/streaming,").body()).isEqualTo("ok");
    assertThat(get(path).body()).startsWith("40/streaming,{\"sid\":\"");
    return path;
  }

  WebSocketClient socket() {
    return WebSocketClient.connect(gateway.server().ws(SOCKET));
  }

  /** A WebSocket that may take over what the path polls. */
  WebSocketClient candidate(String path) {
    return WebSocketClient.connect(
        gateway.server().ws(path.replace("transport=polling", "transport=websocket")));
  }

  /** The connection behind a path. */
  ConnectionProbe connection(String path) {
    return new ConnectionProbe(
        gateway.server().bean(EngineServer.class), path.substring(path.indexOf("&sid=") + 5));
  }
}
