package org.linescribe.api.webhooks;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import org.linescribe.api.HttpAnswers;
import tools.jackson.databind.JsonNode;

/** A receiver that checks every signature, and answers as the test says. */
final class WebhookReceiver implements AutoCloseable {
  static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final byte[] KEY =
      new WebhookSettings.Endpoint("r", "https://example.org", SECRET, Set.of(), Set.of()).key();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Received> taken = new CopyOnWriteArrayList<>();
  private final List<String> forged = new CopyOnWriteArrayList<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final Map<String, String> headers = new ConcurrentHashMap<>();
  private volatile IntUnaryOperator status;

  /**
   * A message that was answered with 2xx.
   *
   * @param id its webhook-id
   */
  record Received(String id, String type, String sessionId, long seq, JsonNode data) {}

  /**
   * @param status by the number of the request, from 1
   */
  WebhookReceiver(IntUnaryOperator status) throws IOException {
    this.status = status;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    server.setExecutor(threads);
    server.createContext("/hook", this::receive);
    server.start();
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String id = exchange.getRequestHeaders().getFirst("webhook-id");
      long timestamp = Long.parseLong(exchange.getRequestHeaders().getFirst("webhook-timestamp"));
      String signature = exchange.getRequestHeaders().getFirst("webhook-signature");
      if (!WebhookSignature.of(KEY, id, timestamp, body).equals(signature)) {
        forged.add(id);
      }
      int answer = status.applyAsInt(requests.incrementAndGet());
      if (answer < 300) {
        JsonNode message =
            HttpAnswers.json(new String(body, java.nio.charset.StandardCharsets.UTF_8));
        JsonNode data = message.get("data");
        taken.add(
            new Received(
                id,
                message.get("type").asString(),
                data.get("session_id").asString(),
                data.has("segment")
                    ? data.get("segment").get("seq").asLong()
                    : data.path("seq").asLong(0),
                data));
      }
      headers.forEach(exchange.getResponseHeaders()::set);
      exchange.sendResponseHeaders(answer, -1);
    }
  }

  /** Answers otherwise from now on. */
  void answers(IntUnaryOperator otherwise) {
    status = otherwise;
  }

  /** Answers with this header too. */
  void header(String name, String value) {
    headers.put(name, value);
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
  }

  int requests() {
    return requests.get();
  }

  List<Received> taken() {
    return List.copyOf(taken);
  }

  List<String> forged() {
    return List.copyOf(forged);
  }

  List<Received> of(String sessionId) {
    return taken.stream().filter(received -> received.sessionId().equals(sessionId)).toList();
  }

  /** What it was told of a session, in its order, repetitions left out. */
  List<String> types(String sessionId) {
    Set<String> seen = new HashSet<>();
    return of(sessionId).stream()
        .filter(received -> seen.add(received.id()))
        .map(Received::type)
        .toList();
  }

  /** Numbers of the session's finals as they were taken, repetitions left out. */
  List<Long> finals(String sessionId) {
    return of(sessionId).stream()
        .filter(received -> received.type().equals("segment.final"))
        .map(Received::seq)
        .distinct()
        .toList();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
