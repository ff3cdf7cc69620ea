package org.linescribe.app.fleet;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.linescribe.testsupport.servers.OwnMariaDb;
import org.linescribe.testsupport.servers.RedisProcess;

/**
 * Gateways with one MariaDB, one Redis and Kamailio in front, each a process of its own. Thread:
 * the faults' own; accessors any.
 */
final class Fleet implements AutoCloseable {
  private static final String KEY = "fleet-key-of-these-tests";
  private static final String DATABASE = "fleet";
  private static final Pattern WAITING =
      Pattern.compile("(?m)^linescribe_session_outbox_segments(?:\\{[^}]*})? (\\S+)");

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build();
  private final Deque<Part> parts = new ArrayDeque<>();
  private final FleetNetwork network;
  private final OwnMariaDb mariaDb;
  private final RedisProcess redis;
  private final List<GatewayNode> gateways = new ArrayList<>();
  private final KamailioProxy proxy;

  /**
   * Starts all of it and returns when each gateway is ready.
   *
   * @param network the fleet's from now on
   * @param folder for data and logs
   * @param settings {@code key=value} of every gateway
   */
  Fleet(int size, FleetNetwork network, Path folder, List<String> settings) throws Exception {
    this.network = network;
    Runtime.getRuntime().addShutdownHook(new Thread(this::endAtExit, "fleet-end"));
    parts.push(network::close);
    try {
      mariaDb = new OwnMariaDb(network.front());
      parts.push(mariaDb::close);
      redis = new RedisProcess(network.front(), folder.resolve("redis"));
      parts.push(redis::close);
      createDatabase();
      for (int number = 0; number < size; number++) {
        GatewayNode gateway =
            new GatewayNode(number, network.host(number), folder, arguments(number, settings));
        parts.push(gateway::close);
        gateways.add(gateway);
        gateway.start();
        // One after the other: the first lays the schema.
        gateway.awaitReady();
      }
      proxy =
          new KamailioProxy(
              network.front(), gateways.stream().map(GatewayNode::sip).toList(), folder);
      parts.push(proxy::close);
    } catch (Exception failed) {
      close();
      throw failed;
    }
  }

  private void createDatabase() throws SQLException {
    try (Connection sql = DriverManager.getConnection(mariaDb.url(""), "root", "")) {
      sql.createStatement().execute("CREATE DATABASE " + DATABASE);
    }
  }

  private List<String> arguments(int number, List<String> settings) {
    List<String> arguments =
        new ArrayList<>(
            List.of("--model", "telephony-digits-en", "--mysql", mariaDb.url(DATABASE)));
    arguments.addAll(List.of("--redis", redis.url()));
    List<String> all =
        new ArrayList<>(
            List.of(
                "linescribe.mysql.user=root",
                "linescribe.rtp.ports=20000-20999",
                "linescribe.access.keys[0].name=fleet",
                "linescribe.access.keys[0].sha256=" + sha256(KEY),
                "linescribe.access.keys[0].requests-per-second=10000",
                "linescribe.access.keys[0].burst=10000",
                "linescribe.access.keys[0].max-open=10000",
                "linescribe.storage.min-free=0"));
    for (String setting : settings) {
      // "2:key=value" is of that gateway only.
      Matcher own = Pattern.compile("(\\d+):(.*)").matcher(setting);
      if (!own.matches()) {
        all.add(setting);
      } else if (Integer.parseInt(own.group(1)) == number) {
        all.add(own.group(2));
      }
    }
    all.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    return arguments;
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException(missing);
    }
  }

  /** Headers that the gateways ask for. */
  static Map<String, String> credentials() {
    return Map.of("Authorization", "Bearer " + KEY);
  }

  int size() {
    return gateways.size();
  }

  GatewayNode gateway(int number) {
    return gateways.get(number);
  }

  List<GatewayNode> gateways() {
    return gateways;
  }

  FleetNetwork network() {
    return network;
  }

  OwnMariaDb mariaDb() {
    return mariaDb;
  }

  RedisProcess redis() {
    return redis;
  }

  String sipUri() {
    return proxy.uri();
  }

  HttpClient http() {
    return http;
  }

  /** The number of the gateway at an address, -1 for another. */
  int at(String address) {
    return gateways.stream()
        .filter(gateway -> gateway.address().equals(address))
        .findFirst()
        .map(GatewayNode::number)
        .orElse(-1);
  }

  Connection sql() throws SQLException {
    return DriverManager.getConnection(mariaDb.url(DATABASE), "root", "");
  }

  /** Segments that wait in a gateway's outbox, as it says itself. */
  long waitingIn(int number) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + gateway(number).http() + "/metrics"))
            .header("Authorization", credentials().get("Authorization"))
            .timeout(Duration.ofSeconds(10))
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    Matcher waiting = WAITING.matcher(answer.body());
    if (answer.statusCode() != 200 || !waiting.find()) {
      throw new IOException("/metrics answers " + answer.statusCode());
    }
    return (long) Double.parseDouble(waiting.group(1));
  }

  /** Where the program is interrupted, its processes must not stay. */
  private void endAtExit() {
    try {
      close();
    } catch (IOException left) {
      System.err.println("Some of the fleet is left: " + left);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    http.shutdownNow();
    IOException failure = null;
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (IOException failed) {
        failure = failed;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** A process, or a network. */
  @FunctionalInterface
  private interface Part {
    void close() throws IOException;
  }
}
