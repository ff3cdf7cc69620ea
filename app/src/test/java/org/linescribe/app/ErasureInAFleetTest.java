package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.SessionId;
import org.linescribe.session.Sessions;
import org.linescribe.session.erasure.FleetErasure;
import org.linescribe.testcalls.CallDisplay;
import org.linescribe.testcalls.CallPlacer;
import org.linescribe.testcalls.CallReport;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.SipCaller;
import org.linescribe.testsupport.Patience;
import org.linescribe.testsupport.ProcessSignal;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.servers.OwnRedis;
import org.linescribe.testsupport.servers.SharedMariaDb;

/** Two nodes on one MariaDB and one Redis: the call was at the one, and the other is asked. */
final class ErasureInAFleetTest {
  /** Samples in the middle of the call, as they lie in its recording. */
  private static final int SAMPLED_BYTES = 64;

  @TempDir Path dataOfA;
  @TempDir Path dataOfB;
  private final CommandRun run = new CommandRun();
  private final String id = "marker-" + UUID.randomUUID();
  private String database;
  private OwnRedis redis;

  /** What must not be found any more. */
  private record Traces(String text, String caller, String audio) {}

  @BeforeEach
  void servers() throws Exception {
    database = SharedMariaDb.url(SharedMariaDb.port(), SharedMariaDb.newDatabase());
    redis = new OwnRedis();
  }

  @AfterEach
  void stopRedis() {
    redis.close();
  }

  private TestGateway node(Path data) {
    // A receiver that is never there: what is due to it waits on the node's disk.
    return node(data, "http://127.0.0.1:1/");
  }

  private TestGateway node(Path data, String receiver) {
    return new TestGateway(data, settings(receiver).toArray(String[]::new));
  }

  private List<String> settings(String receiver) {
    List<String> settings = new ArrayList<>(List.of(TestGateway.UNHURRIED));
    settings.add("--linescribe.mysql.url=" + database);
    settings.add("--linescribe.mysql.user=root");
    settings.add("--linescribe.mysql.read-timeout=30s");
    settings.add("--linescribe.redis.url=" + redis.url());
    settings.add("--linescribe.recording.calls=true");
    settings.addAll(TestGateway.webhook("crm", receiver));
    return settings;
  }

  /** A node as a process of its own. */
  private ServeProcess process(Path data) throws Exception {
    List<String> arguments = new ArrayList<>();
    for (String setting : settings("http://127.0.0.1:1/")) {
      arguments.addAll(List.of("--set", setting.substring(2)));
    }
    return ServeProcess.startOnFreePorts(data, arguments.toArray(String[]::new));
  }

  @Test
  void whatLiesOnAnotherNodeIsErasedAtOnce() throws Exception {
    try (TestGateway a = node(dataOfA);
        TestGateway b = node(dataOfB)) {
      Traces traces = call(b);

      delete(a);

      assertThat(run.out.toString())
          .contains(id + ": 1 segments and 0 recordings are erased")
          .contains("done on", dataOfA.toString(), dataOfB.toString())
          .doesNotContain("still to be done");
      assertNothingLeft(traces);
      assertThat(Files.readString(dataOfB.resolve("erasures.log")))
          .contains("\"recordings\":1}")
          .doesNotContain(id);
      assertThat(run.of("delete", id, "--http", b.http())).as("once more").isEqualTo(1);
    }
  }

  @Test
  void aNodeThatWasAwayErasesBeforeItServesAnybody() throws Exception {
    Traces traces;
    try (TestGateway b = node(dataOfB)) {
      traces = call(b);
    }
    // Only now: gateways of one JVM share event loops, which the first that stops takes with it.
    try (TestGateway a = node(dataOfA)) {
      delete(a);

      assertThat(run.out.toString())
          .contains("done on", "still to be done on")
          .containsPattern("still to be done on .*" + dataOfB);
      assertThat(inDatabase(traces.text())).isEmpty();
      assertThat(filesWith(dataOfB, traces.audio())).as("the recording").isNotEmpty();

      try (TestGateway b = node(dataOfB)) {
        assertNothingLeft(traces);
        assertThat(run.of("delete", id, "--check", "--http", b.http())).isZero();
        assertThat(run.out.toString()).containsPattern("  done on .*" + dataOfB);
      }
      assertNothingLeft(traces);
    }
  }

  @Test
  void aNodeThatWasAwayTellsNobodyOfASessionThatWasErasedMeanwhile() throws Exception {
    try (TestGateway b = node(dataOfB)) {
      call(b);
    }
    List<String> told = new CopyOnWriteArrayList<>();
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    receiver.createContext(
        "/",
        exchange -> {
          try (exchange) {
            told.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(204, -1);
          }
        });
    receiver.start();
    try (TestGateway a = node(dataOfA)) {
      delete(a);
      try (TestGateway b =
              node(dataOfB, "http://127.0.0.1:" + receiver.getAddress().getPort() + "/");
          ApiClient _ = new ApiClient("ws://" + b.http() + "/ws/transcribe/sentinel?codec=pcmu")) {
        await()
            .atMost(Patience.LIMIT)
            .until(() -> told.stream().anyMatch(message -> message.contains("sentinel")));
        assertThat(told).noneMatch(message -> message.contains(id));
      }
    } finally {
      receiver.stop(0);
    }
  }

  @Test
  void aNodeThatStoodStillWhileItsOpenCallWasErasedKeepsNothingOfIt() throws Exception {
    RecordedCall recording =
        RecordedCall.find(
                List.of(ProjectFiles.root().resolve("test-calls/recorded/long-pauses-ulaw.wav")),
                null)
            .getFirst();
    try (TestGateway a = node(dataOfA);
        ServeProcess b = process(dataOfB);
        SipCaller sip = new SipCaller("sip:test@" + b.sip(), G711Law.PCMU);
        CallPlacer placer =
            new CallPlacer(sip, G711Law.PCMU, a::subscription, Map.of(), Duration.ofMinutes(2))) {
      assertThat(b.isReady()).as(b.output()).isTrue();
      Thread caller =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      placer.place(new CallPlacer.Plan(recording, id, false), CallDisplay.QUIET);
                    } catch (IOException | InterruptedException hungUp) {
                      // What becomes of the call is not the point.
                    }
                  });
      await().atMost(Patience.LIMIT).until(() -> inDatabase(id).contains("segments"));
      ProcessSignal.send("STOP", b.pid());
      // Its lease runs out first.
      await()
          .atMost(Patience.LIMIT)
          .untilAsserted(
              () ->
                  assertThat(run.of("delete", id, "--unended", "--http", a.http()))
                      .as("%s", run.err)
                      .isZero());
      assertThat(run.out.toString()).containsPattern("still to be done on .*" + dataOfB);
      assertThat(filesNamed(dataOfB)).as("the recording").isNotEmpty();

      ProcessSignal.send("CONT", b.pid());

      await()
          .atMost(Patience.LIMIT)
          .until(
              () -> a.part(FleetErasure.class).outcome(new SessionId(id)).orElseThrow().pending(),
              List::isEmpty);
      await().atMost(Patience.LIMIT).untilAsserted(this::assertNothingOfIdLeft);
      caller.interrupt();
      caller.join();
      b.terminate();
      b.exitStatus();
      assertNothingOfIdLeft();
    }
  }

  private void assertNothingOfIdLeft() throws Exception {
    assertThat(inRedis(id)).isEmpty();
    assertThat(inDatabase(id)).as("the order alone").allMatch(where -> where.equals("erasures"));
    for (Path data : List.of(dataOfA, dataOfB)) {
      assertThat(filesNamed(data)).isEmpty();
      assertThat(filesWith(data, id)).isEmpty();
    }
  }

  /** The recorder and the record of the call end a moment after it. */
  private void delete(TestGateway asked) {
    await()
        .atMost(Patience.LIMIT)
        .untilAsserted(
            () ->
                assertThat(run.of("delete", id, "--http", asked.http()))
                    .as("%s", run.err)
                    .isZero());
  }

  private Traces call(TestGateway node) throws Exception {
    RecordedCall recording =
        RecordedCall.find(
                List.of(ProjectFiles.root().resolve("test-calls/recorded/pin-slt.wav")), null)
            .getFirst();
    String text;
    try (SipCaller sip = new SipCaller(node.sipUri(), G711Law.PCMU);
        CallPlacer placer =
            new CallPlacer(
                sip, G711Law.PCMU, node::subscription, Map.of(), Duration.ofMinutes(2))) {
      CallReport report =
          placer.place(new CallPlacer.Plan(recording, id, false), CallDisplay.QUIET);
      assertThat(report.text()).as("%s", report).hasSizeGreaterThan(5);
      text = report.text();
    }
    Sessions sessions = node.part(Sessions.class);
    await()
        .atMost(Patience.LIMIT)
        .until(() -> sessions.find(new SessionId(id)).orElseThrow().endedAt().isPresent());
    await().atMost(Patience.LIMIT).until(() -> !callers().isEmpty());
    await().atMost(Patience.LIMIT).until(() -> sessions.openSources() == 0);
    Path wav =
        filesNamed(dataOfB).filter(f -> f.toString().endsWith(".wav")).findAny().orElseThrow();
    Traces traces = new Traces(text, callers().getFirst(), middleOf(wav));
    assertThat(inDatabase(traces.text())).isNotEmpty();
    assertThat(inDatabase(traces.caller())).isNotEmpty();
    assertThat(filesWith(dataOfB, traces.audio())).isNotEmpty();
    await()
        .atMost(Patience.LIMIT)
        .until(() -> filesNamed(dataOfB).anyMatch(f -> f.toString().contains("crm")));
    return traces;
  }

  /** Of the loudest part: silence would be found anywhere. */
  private static String middleOf(Path wav) throws IOException {
    byte[] bytes = Files.readAllBytes(wav);
    int at = 44;
    for (int i = 44; i + 1 < bytes.length; i += 2) {
      if (Math.abs(bytes[i + 1]) > Math.abs(bytes[at + 1])) {
        at = i;
      }
    }
    int from = Math.min(at, bytes.length - SAMPLED_BYTES);
    return new String(bytes, from, SAMPLED_BYTES, StandardCharsets.ISO_8859_1);
  }

  private void assertNothingLeft(Traces traces) throws Exception {
    for (String trace : List.of(traces.text(), traces.caller())) {
      assertThat(inDatabase(trace)).isEmpty();
      assertThat(inRedis(trace)).isEmpty();
    }
    for (Path data : List.of(dataOfA, dataOfB)) {
      for (String trace : List.of(traces.text(), traces.caller(), traces.audio())) {
        assertThat(filesWith(data, trace)).isEmpty();
      }
    }
    assertNothingOfIdLeft();
  }

  private List<String> callers() throws SQLException {
    List<String> callers = new ArrayList<>();
    try (Connection sql = DriverManager.getConnection(database, "root", "");
        Statement statement = sql.createStatement();
        ResultSet rows = statement.executeQuery("SELECT caller FROM call_records")) {
      while (rows.next()) {
        callers.add(rows.getString(1));
      }
    }
    return callers;
  }

  /** Names of the tables with a row that has it, in whichever column. */
  private List<String> inDatabase(String trace) throws SQLException {
    List<String> found = new ArrayList<>();
    try (Connection sql = DriverManager.getConnection(database, "root", "");
        ResultSet tables =
            sql.getMetaData().getTables(sql.getCatalog(), null, "%", new String[] {"TABLE"})) {
      while (tables.next()) {
        String table = tables.getString("TABLE_NAME");
        try (Statement statement = sql.createStatement();
            ResultSet rows = statement.executeQuery("SELECT * FROM " + table)) {
          while (rows.next()) {
            for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
              if (String.valueOf(rows.getString(column)).contains(trace)) {
                found.add(table);
              }
            }
          }
        }
      }
    }
    return found;
  }

  /** Keys that have it, or whose value has it. */
  private List<String> inRedis(String trace) {
    RedisClient client = RedisClient.create(redis.url());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      RedisCommands<String, String> commands = connection.sync();
      return commands.keys("*").stream()
          .filter(
              key ->
                  (key
                          + switch (commands.type(key)) {
                            case "hash" -> commands.hgetall(key).toString();
                            case "stream" ->
                                commands.xrange(key, io.lettuce.core.Range.unbounded()).toString();
                            default -> commands.get(key);
                          })
                      .contains(trace))
          .toList();
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  private Stream<Path> filesNamed(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      return files.filter(file -> file.getFileName().toString().contains(id)).toList().stream();
    }
  }

  private static List<Path> filesWith(Path data, String trace) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(trace)) {
          found.add(file);
        }
      }
    }
    return found;
  }
}
