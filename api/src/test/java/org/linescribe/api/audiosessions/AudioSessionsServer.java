package org.linescribe.api.audiosessions;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.HttpAnswers;
import org.linescribe.api.WebSocketClient;
import org.linescribe.api.audio.FfmpegConfiguration;
import org.linescribe.api.http.HttpConfiguration;
import org.linescribe.api.websocket.WebSocketConfiguration;
import tools.jackson.databind.JsonNode;

/** This API alone on a real server. */
final class AudioSessionsServer implements AutoCloseable {
  /** Longer than any machine needs; what is awaited ends the wait. */
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final FakeSessions transcripts = new FakeSessions();
  private final ApiServer server;
  private final Path storage;

  AudioSessionsServer(Path storage, Map<String, Object> settings, Class<?>... more) {
    this.storage = storage;
    Map<String, Object> all = new LinkedHashMap<>(settings);
    all.putIfAbsent("linescribe.audio-sessions.storage-path", storage.toString());
    List<Class<?>> classes =
        new ArrayList<>(
            List.of(
                HttpConfiguration.class,
                WebSocketConfiguration.class,
                FfmpegConfiguration.class,
                AudioSessionsApi.class));
    classes.addAll(List.of(more));
    this.server = ApiServer.start(transcripts, all, classes.toArray(Class<?>[]::new));
  }

  /** With settings only; the storage is where they say. */
  AudioSessionsServer(Map<String, Object> settings) {
    this.storage = Path.of(String.valueOf(settings.get("AUDIO_STORAGE_PATH")));
    this.server =
        ApiServer.start(
            transcripts,
            settings,
            HttpConfiguration.class,
            WebSocketConfiguration.class,
            FfmpegConfiguration.class,
            AudioSessionsApi.class);
  }

  ApiServer server() {
    return server;
  }

  FakeSessions transcripts() {
    return transcripts;
  }

  WebSocketClient create(String query) {
    return WebSocketClient.connect(server.ws("/api/ws/audio" + query));
  }

  WebSocketClient join(String id) {
    return WebSocketClient.connect(server.ws("/api/ws/audio/" + id));
  }

  Path file(String id) {
    return storage.resolve(id + ".wav");
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return HttpAnswers.get(server.http(path));
  }

  JsonNode info(String id) throws IOException, InterruptedException {
    return HttpAnswers.json(get("/api/audio/sessions/" + id));
  }

  HttpResponse<String> postClose(String id) throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(server.http("/api/audio/sessions/" + id + "/close")))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Sends chunks one by one, each after the answer to the one before. */
  static JsonNode stream(WebSocketClient client, List<byte[]> chunks) throws InterruptedException {
    JsonNode last = null;
    for (byte[] chunk : chunks) {
      client.send(chunk);
      last = answer(client);
      if (!last.get("status").asString().equals("active")) {
        return last;
      }
    }
    if (last == null) {
      throw new IllegalArgumentException("no chunks");
    }
    return last;
  }

  static JsonNode closeSession(WebSocketClient client) throws InterruptedException {
    client.send("{\"type\": \"control\", \"action\": \"close_session\"}");
    return answer(client);
  }

  /** What answers the client's message: on a slow machine the unasked greeting may come first. */
  private static JsonNode answer(WebSocketClient client) throws InterruptedException {
    JsonNode answer = HttpAnswers.json(client.next());
    return answer.path("message").asString("").equals("Session created")
        ? HttpAnswers.json(client.next())
        : answer;
  }

  void stop() {
    server.close();
  }

  @Override
  public void close() {
    server.close();
  }
}
