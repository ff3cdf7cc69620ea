package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.SessionId;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.WordErrors;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Patience;
import org.linescribe.testsupport.SipKit;
import org.linescribe.testsupport.Tool;
import org.linescribe.testsupport.servers.OwnRedis;
import org.linescribe.testsupport.servers.SharedMariaDb;

/**
 * The main job, from the line to the stores: peers that nobody here wrote call the whole program,
 * and the words stand in a real MariaDB, as anyone reads them there, and went by a real Redis.
 */
@NeedsTool({Tool.SIPP, Tool.PYTHON})
final class RealStoresTest {
  private static final Duration SLOW_MACHINE = Patience.LIMIT;
  private static final int PAUSE_MS = 1500;
  private static final int ATTEMPTS = 3;

  @TempDir static Path work;
  @TempDir static Path data;
  private static SipKit kit;
  private static RecordedCall recording;
  private static String database;
  private static OwnRedis redis;
  private static TestGateway gateway;
  private static RedisObserver observer;
  private static final Map<G711Law, Integer> ALONE = new EnumMap<>(G711Law.class);

  /** A row of the sessions, and its segments joined. */
  private record Stored(SessionId id, String kind, String endReason, List<Row> segments) {
    String text() {
      return String.join(" ", segments.stream().map(Row::text).toList());
    }
  }

  private record Row(long seq, String leg, String text, long startMs, long endMs) {}

  @BeforeAll
  static void start() throws Exception {
    kit = new SipKit(work);
    recording =
        TestGateway.humanCalls().stream()
            .filter(call -> call.name().contains("phone-nicolas-1"))
            .findFirst()
            .orElseThrow();
    kit.record("known", recording.file(), PAUSE_MS);
    for (G711Law law : G711Law.values()) {
      ALONE.put(law, RecogniserAlone.mostErrors(List.of(recording), law));
    }
    database = SharedMariaDb.url(SharedMariaDb.port(), SharedMariaDb.newDatabase());
    redis = new OwnRedis();
    observer = new RedisObserver(redis);
    List<String> settings = new ArrayList<>(List.of(TestGateway.UNHURRIED));
    settings.add("--linescribe.mysql.url=" + database);
    settings.add("--linescribe.mysql.user=root");
    settings.add("--linescribe.mysql.read-timeout=30s");
    settings.add("--linescribe.redis.url=" + redis.url());
    gateway = new TestGateway(data, settings.toArray(String[]::new));
  }

  @AfterAll
  static void stop() {
    if (gateway != null) {
      gateway.close();
    }
    if (observer != null) {
      observer.close();
    }
    if (redis != null) {
      redis.close();
    }
  }

  /** One of the kit's scenarios. */
  private record Scenario(String name, G711Law law, int phrases, String... more) {
    String user() {
      return name + (more.length == 0 ? "" : "-" + more[more.length - 1]);
    }
  }

  @Test
  void everyScenarioOfSippLeavesItsWordsInMariaDbAndRedis() throws Exception {
    List<Scenario> scenarios =
        List.of(
            new Scenario("uac_g711u", G711Law.PCMU, 1),
            new Scenario("uac_g711a", G711Law.PCMA, 1),
            new Scenario("uac_g711u", G711Law.PCMU, 1, "--", "-t", "t1"),
            new Scenario("uac_late_offer", G711Law.PCMU, 1),
            new Scenario("uac_dtmf_rfc4733", G711Law.PCMU, 1),
            new Scenario("uac_hold_resume", G711Law.PCMU, 2));

    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService peers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Scenario scenario : scenarios) {
        List<String> arguments = new ArrayList<>(List.of("known", "known"));
        arguments.addAll(List.of(scenario.more()));
        Peer peer =
            user ->
                kit.call(
                    scenario.name(),
                    gateway.sipAddress(),
                    Map.of("TO_USER", user),
                    arguments.toArray(String[]::new));
        running.add(
            peers.submit(
                () -> assertKept(scenario.user(), scenario.law(), scenario.phrases(), peer)));
      }
    }
    for (Future<?> scenario : running) {
      scenario.get();
    }
  }

  @NeedsTool({Tool.BARESIP, Tool.OPENSSL, Tool.SOX})
  @Test
  void aCallFromBaresipLeavesItsWordsInMariaDbAndRedis() throws Exception {
    // baresip hangs up when its file is at the end: the pause stands for the caller who waits.
    Path wav = work.resolve("known.wav");
    SipKit.Run padded =
        kit.run(
            List.of("sox", recording.file().toString(), wav.toString(), "pad", "0.5", "2"),
            Map.of(),
            60);
    assertThat(padded.status()).as(padded.output()).isZero();
    int base = SipKit.freeBase(8);
    int rtp = SipKit.freeBase(40);
    SipKit.Run peer =
        kit.run(
            List.of(
                SipKit.script("baresip_peer.sh"), "alice", Integer.toString(base), wav.toString()),
            Map.of("RTP", rtp + "-" + (rtp + 39), "CTRL", "" + (base + 4), "HTTP", "" + (base + 6)),
            60);
    assertThat(peer.status()).as(peer.output()).isZero();
    String[] lines = peer.output().strip().split("\n");

    assertKept(
        "baresip",
        G711Law.PCMU,
        1,
        user ->
            // It ends by its own time limit, and says so by its status.
            new SipKit.Run(
                0,
                kit.run(
                        List.of(
                            "sh",
                            "-c",
                            "exec baresip -f \"$0\" -v -s -t 20 -e \"/dial sip:$1\" < /dev/null",
                            lines[lines.length - 1],
                            user + "@127.0.0.1:" + gateway.sipAddress().getPort()),
                        Map.of(),
                        60)
                    .output()));
  }

  /** Calls the gateway for a user, and returns when the call is over. */
  private interface Peer {
    SipKit.Run call(String user);
  }

  /**
   * The call's words are kept. A peer that got no processor on this machine sends its packets too
   * late for anybody: only then may it call once more.
   */
  private static Void assertKept(String who, G711Law law, int phrases, Peer peer) throws Exception {
    for (int attempt = 1; ; attempt++) {
      String user = who + "-" + attempt;
      double lateBefore = latePackets();
      SipKit.Run run = peer.call(user);
      assertThat(run.status()).as(run.output()).isZero();
      Stored stored = awaitStored(user);
      assertThat(stored.kind()).isEqualTo("sip");
      assertThat(stored.endReason()).isEqualTo("bye");
      assertWentByRedis(stored);
      // On the last attempt each packet that came too late may have cost a word.
      int late = (int) (latePackets() - lateBefore);
      int most = phrases * ALONE.get(law) + (attempt == ATTEMPTS ? late : 0);
      if (late == 0 || attempt == ATTEMPTS || errors(stored, phrases) <= most) {
        assertWords(user, stored, phrases, most);
        return null;
      }
    }
  }

  private static double latePackets() {
    return gateway.part(MeterRegistry.class).counter("linescribe.rtp.late").count();
  }

  private static String spoken(int phrases) {
    return String.join(" ", Collections.nCopies(phrases, recording.words()));
  }

  private static int errors(Stored stored, int phrases) {
    return WordErrors.between(spoken(phrases), stored.text()).errors();
  }

  private static void assertWords(String who, Stored stored, int phrases, int most) {
    int errors = errors(stored, phrases);
    System.out.printf(
        "%s, in MariaDB: %d word errors in %d words; at most %d, as the recogniser alone%n",
        who, errors, spoken(phrases).split(" ").length, most);
    assertThat(errors).as("of %s: %s", who, stored).isLessThanOrEqualTo(most);
    List<Long> numbers = stored.segments().stream().map(Row::seq).toList();
    for (int i = 0; i < numbers.size(); i++) {
      assertThat(numbers.get(i)).isEqualTo(i + 1L);
    }
    assertThat(stored.segments())
        .allSatisfy(
            row -> {
              assertThat(row.leg()).isEqualTo("caller");
              assertThat(row.startMs()).isBetween(0L, row.endMs());
            });
  }

  /** Partials were put into the hash while the call ran, and every row was announced as it is. */
  private static void assertWentByRedis(Stored stored) {
    SessionId id = stored.id();
    await().atMost(SLOW_MACHINE).until(() -> observer.isEndPublished(id));
    await()
        .atMost(SLOW_MACHINE)
        .until(() -> observer.partialSeen(id, "caller") instanceof TranscriptEvent.Partial);
    assertThat(observer.partialsPublished(id)).isNotEmpty();
    assertThat(
            observer
                .finalsPublished(id)
                .map(TranscriptEvent.Final::segment)
                .map(s -> new Row(s.seq(), s.leg(), s.text(), s.startMs(), s.endMs())))
        .containsExactlyElementsOf(stored.segments());
    await().atMost(SLOW_MACHINE).until(() -> observer.keysOf(id).isEmpty());
  }

  private static Stored awaitStored(String user) {
    return await()
        .atMost(SLOW_MACHINE)
        .until(() -> stored(user), found -> found != null && found.endReason() != null);
  }

  /** Plain SQL, as an operator would ask. */
  private static Stored stored(String user) throws SQLException {
    try (Connection sql = DriverManager.getConnection(database, "root", "")) {
      String id;
      String kind;
      String endReason;
      try (PreparedStatement session =
          sql.prepareStatement(
              "SELECT session_id, kind, end_reason FROM sessions WHERE attributes LIKE ?")) {
        session.setString(1, "%sip:" + user + "@%");
        try (ResultSet rows = session.executeQuery()) {
          if (!rows.next()) {
            return null;
          }
          id = rows.getString(1);
          kind = rows.getString(2);
          endReason = rows.getString(3);
          assertThat(rows.next()).as("a second session of " + user).isFalse();
        }
      }
      List<Row> segments = new ArrayList<>();
      try (PreparedStatement select =
          sql.prepareStatement(
              "SELECT seq, leg, text, start_ms, end_ms FROM segments WHERE session_id = ?"
                  + " ORDER BY seq")) {
        select.setString(1, id);
        try (ResultSet rows = select.executeQuery()) {
          while (rows.next()) {
            segments.add(
                new Row(
                    rows.getLong(1),
                    rows.getString(2),
                    rows.getString(3),
                    rows.getLong(4),
                    rows.getLong(5)));
          }
        }
      }
      return new Stored(new SessionId(id), kind, endReason, segments);
    }
  }
}
