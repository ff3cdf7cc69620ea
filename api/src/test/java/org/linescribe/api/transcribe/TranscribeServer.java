package org.linescribe.api.transcribe;

import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.TreeMap;
import org.linescribe.api.ApiServer;
import org.linescribe.api.FakeSession;
import org.linescribe.api.FakeSessions;
import org.linescribe.api.WebSocketClient;

/** The API on sessions of the test's making. */
final class TranscribeServer implements AutoCloseable {
  private final FakeSessions sessions = new FakeSessions();
  private final ApiServer server;

  /** Takes no client of a slow machine for one that has stalled, or for one that does not read. */
  TranscribeServer() {
    this(Map.of());
  }

  TranscribeServer(Map<String, Object> settings) {
    Map<String, Object> all = new TreeMap<>();
    all.put("linescribe.api.transcribe.flush-after", "1h");
    all.put("linescribe.api.close-within", "1m");
    all.putAll(settings);
    server = ApiServer.start(sessions, all);
  }

  ApiServer server() {
    return server;
  }

  FakeSessions sessions() {
    return sessions;
  }

  FakeSession session(String id) {
    return sessions.session(id);
  }

  String uri(String pathAndQuery) {
    return server.ws("/ws/transcribe/" + pathAndQuery);
  }

  WebSocketClient connect(String pathAndQuery) {
    return WebSocketClient.connect(uri(pathAndQuery));
  }

  /** Connects and waits until the session has the source. */
  WebSocketClient source(String id, String query) {
    WebSocketClient client = connect(id + query);
    await().until(() -> sessions.session(id).request() != null);
    return client;
  }

  double gauge(String meter) {
    return server.bean(MeterRegistry.class).get(meter).gauge().value();
  }

  double count(String meter) {
    return server.bean(MeterRegistry.class).get(meter).counter().count();
  }

  @Override
  public void close() {
    server.close();
  }
}
