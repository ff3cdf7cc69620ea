package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.session.store.StoreWrite;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.servers.CuttableProxy;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Webhooks of a gateway that is killed twice, to a receiver that fails one in three and is away for
 * a while. The bench's size: {@code -Dlinescribe.webhooks.finals=10000
 * -Dlinescribe.webhooks.away=1m} (bench/README.md).
 */
final class WebhooksKilledTest {
  private static final int FINALS = Integer.getInteger("linescribe.webhooks.finals", 1000);
  private static final Duration AWAY =
      Duration.parse("PT" + System.getProperty("linescribe.webhooks.away", "0s"));
  private static final int SESSIONS = 25;
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final String LIVE = "live";
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final Pattern FAILED =
      Pattern.compile("linescribe_webhooks_failed_total\\{endpoint=\"session\"[^}]*} (\\S+)");
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private Path data;

  /** Checks each signature, and answers every third request with 500. */
  private static final class Receiver implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final Queue<Taken> taken = new ConcurrentLinkedQueue<>();
    private final AtomicInteger finals = new AtomicInteger();

    /** Finals that it takes; so that a fast gateway is not done before it is killed. */
    private volatile int most = Integer.MAX_VALUE;

    private final List<String> forged = new CopyOnWriteArrayList<>();

    record Taken(String id, String type, String sessionId, long seq) {}

    Receiver() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
      server.setExecutor(threads);
      server.createContext("/", this::receive);
      server.start();
    }

    private void receive(HttpExchange exchange) throws IOException {
      try (exchange) {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String id = exchange.getRequestHeaders().getFirst("webhook-id");
        String timestamp = exchange.getRequestHeaders().getFirst("webhook-timestamp");
        String signature = exchange.getRequestHeaders().getFirst("webhook-signature");
        if (!sign(id + "." + timestamp + "." + body).equals(signature)) {
          forged.add(id);
        }
        if (requests.incrementAndGet() % 3 == 0 || finals.get() >= most) {
          refused.incrementAndGet();
          exchange.sendResponseHeaders(500, -1);
          return;
        }
        JsonNode message = JsonMapper.shared().readTree(body);
        String session = message.at("/data/session_id").asString();
        taken.add(
            new Taken(
                id,
                message.get("type").asString(),
                session,
                message.at("/data/segment/seq").asLong(0)));
        if (message.get("type").asString().equals("segment.final")) {
          finals.incrementAndGet();
        }
        exchange.sendResponseHeaders(204, -1);
      }
    }

    private static String sign(String signed) {
      try {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(
            new SecretKeySpec(
                Base64.getDecoder().decode(SECRET.substring("whsec_".length())), "HmacSHA256"));
        return "v1,"
            + Base64.getEncoder()
                .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
      } catch (GeneralSecurityException everyJavaHasIt) {
        throw new IllegalStateException(everyJavaHasIt);
      }
    }

    List<Taken> of(String sessionId) {
      return taken.stream().filter(one -> one.sessionId().equals(sessionId)).toList();
    }

    /** Numbers of a session's finals in the order of their first coming. */
    List<Long> numbers(String sessionId) {
      return of(sessionId).stream()
          .filter(one -> one.type().equals("segment.final"))
          .map(Taken::seq)
          .distinct()
          .toList();
    }

    @Override
    public void close() {
      server.stop(0);
      threads.close();
    }

    int port() {
      return server.getAddress().getPort();
    }
  }

  private static List<String> stored() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      ids.add("stored-" + i);
    }
    return ids;
  }

  /** Sessions that have ended, as an earlier run left them. */
  private void fillStore() throws Exception {
    try (SegmentStore store = SqlSegmentStore.embedded(data.resolve("db"))) {
      Instant at = Instant.parse("2026-01-20T10:30:00Z");
      for (String session : stored()) {
        SessionId id = new SessionId(session);
        store.write(
            new StoreWrite.Opened(
                id, "websocket", Optional.empty(), List.of("caller"), at, at, Map.of()));
        for (int seq = 1; seq <= FINALS / SESSIONS; seq++) {
          long startMs = seq * 1000L;
          store.write(
              new StoreWrite.Appended(
                  new Segment(
                      id,
                      seq,
                      "caller",
                      "text " + seq,
                      startMs,
                      startMs + 900,
                      List.of(),
                      "test",
                      at.plusSeconds(seq))));
        }
        store.write(new StoreWrite.Ended(id, at.plusSeconds(3600), "bye"));
      }
    }
  }

  private ServeProcess start() throws Exception {
    ServeProcess gateway =
        ServeProcess.startOnFreePorts(
            data,
            "--set",
            "linescribe.webhooks.allow-private=true",
            "--set",
            "linescribe.webhooks.first-retry=10ms",
            "--set",
            "linescribe.webhooks.last-retry=200ms");
    assertThat(gateway.isReady()).as(gateway.output()).isTrue();
    return gateway;
  }

  private static void choose(ServeProcess gateway, String session, int port) throws Exception {
    HttpResponse<String> chosen =
        HTTP.send(
            HttpRequest.newBuilder(
                    URI.create("http://" + gateway.http() + "/sessions/" + session + "/webhook"))
                .header("Content-Type", "application/json")
                .PUT(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"url\": \"http://127.0.0.1:%d/\", \"secret\": \"%s\"}"
                            .formatted(port, SECRET)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(chosen.statusCode()).as(chosen.body()).isEqualTo(200);
  }

  private static String get(ServeProcess gateway, String path) throws Exception {
    return HTTP.send(
            HttpRequest.newBuilder(URI.create("http://" + gateway.http() + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  /** Requests that this process saw fail. */
  private static double failures(ServeProcess gateway) throws Exception {
    Matcher counter = FAILED.matcher(get(gateway, "/metrics"));
    return counter.find() ? Double.parseDouble(counter.group(1)) : 0;
  }

  /** Until the gateway has seen often enough, and long enough, that nobody answers. */
  private static void awaitAbsence(ServeProcess gateway, Duration atLeast) throws Exception {
    double before = failures(gateway);
    long sinceNs = System.nanoTime();
    await()
        .atMost(LIMIT)
        .until(
            () ->
                failures(gateway) >= before + 3 * SESSIONS
                    && System.nanoTime() - sinceNs >= atLeast.toNanos());
  }

  @Test
  void losesNoFinalAndKeepsTheOrderOverTwoKillsAndAnAbsence() throws Exception {
    fillStore();
    long startedNs = System.nanoTime();
    byte[] audio = Files.readAllBytes(ProjectFiles.recorded("card-slt.ulaw"));
    try (Receiver receiver = new Receiver();
        CuttableProxy line = new CuttableProxy(receiver.port())) {
      try (ServeProcess gateway = start()) {
        choose(gateway, LIVE, line.port());
        try (ApiClient source =
            new ApiClient("ws://" + gateway.http() + "/ws/transcribe/" + LIVE + "?codec=pcmu")) {
          source.send(audio, 8000);
          await().atMost(LIMIT).until(() -> !receiver.numbers(LIVE).isEmpty());
          receiver.most = FINALS / 4 + 1;
          for (String session : stored()) {
            choose(gateway, session, line.port());
          }
          await().atMost(LIMIT).until(() -> receiver.finals.get() > FINALS / 4);
          line.cut();
          awaitAbsence(gateway, AWAY.dividedBy(2));
          // SIGKILL, while the receiver is away and the session is open.
          gateway.kill();
        }
      }
      try (ServeProcess gateway = start()) {
        awaitAbsence(gateway, AWAY.dividedBy(2));
        int before = receiver.finals.get();
        receiver.most = before + FINALS / 4 + 1;
        line.mend();
        await().atMost(LIMIT).until(() -> receiver.finals.get() > before + FINALS / 4);
        // While events are under way.
        gateway.kill();
      }
      receiver.most = Integer.MAX_VALUE;
      try (ServeProcess gateway = start()) {
        for (String session : stored()) {
          await()
              .atMost(LIMIT)
              .until(
                  () ->
                      receiver.of(session).stream()
                          .anyMatch(one -> one.type().equals("session.ended")));
        }
        await().atMost(LIMIT).until(() -> receiver.numbers(LIVE).equals(segments(gateway)));
        assertThat(segments(gateway)).isNotEmpty();
      }

      List<Long> all = LongStream.rangeClosed(1, FINALS / SESSIONS).boxed().toList();
      for (String session : stored()) {
        assertThat(receiver.numbers(session)).as(session).isEqualTo(all);
        assertThat(receiver.of(session).getFirst().type()).isEqualTo("session.started");
        assertThat(receiver.of(session).getLast().type()).isEqualTo("session.ended");
      }
      assertThat(receiver.forged).isEmpty();
      report(receiver, startedNs);
    }
  }

  /** Numbers of the finals that the killed gateway kept of the session that was open. */
  private static List<Long> segments(ServeProcess gateway) throws Exception {
    return JsonMapper.shared()
        .readTree(get(gateway, "/sessions/" + LIVE + "/segments"))
        .get("segments")
        .values()
        .stream()
        .map(segment -> segment.get("seq").asLong())
        .toList();
  }

  private static void report(Receiver receiver, long startedNs) {
    long distinct = receiver.taken.stream().map(Receiver.Taken::id).distinct().count();
    System.out.printf(
        "webhooks: %d finals of %d sessions, %d events; %d requests, %d answered 500, %d taken, of"
            + " these %d repetitions; away %s, killed twice; %.1f s with three starts; load %.1f%n",
        FINALS,
        SESSIONS,
        distinct,
        receiver.requests.get(),
        receiver.refused.get(),
        receiver.taken.size(),
        receiver.taken.size() - distinct,
        AWAY,
        (System.nanoTime() - startedNs) / 1e9,
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }
}
