package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.linescribe.session.pipeline.Speaker.done;
import static org.linescribe.session.pipeline.Speaker.end;
import static org.linescribe.session.pipeline.Speaker.say;
import static org.linescribe.session.pipeline.Speaker.utter;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.RecognitionRequest;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSettings;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.lease.InProcessSourceLease;
import org.linescribe.session.lease.RedisSourceLease;
import org.linescribe.session.live.InProcessLiveTranscript;
import org.linescribe.session.live.RedisLiveTranscript;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.session.store.SqlStoreSettings;
import org.linescribe.testsupport.servers.CuttableProxy;
import org.linescribe.testsupport.servers.OwnRedis;
import org.linescribe.testsupport.servers.SharedMariaDb;

/** The pipeline on real MariaDB and Redis that are cut and stalled, alone and as a fleet of two. */
class PipelineFailureTest {
  private static final SessionId ID = new SessionId("call-1");
  private static final Clock CLOCK = Clock.systemUTC();
  private static final Duration PARTIAL_TTL = Duration.ofSeconds(60);

  @TempDir private Path data;
  private final String database = SharedMariaDb.newDatabase();
  private final CuttableProxy toDatabase = new CuttableProxy(SharedMariaDb.port());
  private final OwnRedis redis = new OwnRedis();
  private final CuttableProxy toRedis = new CuttableProxy(redis.port());
  private final List<SessionPipeline> nodes = new ArrayList<>();
  private final CodedRecogniser recogniser = new CodedRecogniser("coded");
  private final CapturingListener received = new CapturingListener();

  @AfterEach
  void close() {
    toDatabase.mend();
    toRedis.mend();
    nodes.forEach(SessionPipeline::close);
    recogniser.close();
    toDatabase.close();
    toRedis.close();
    redis.close();
  }

  private SessionPipeline node(String name, int redisPort) {
    return node(name, redisPort, SessionSettings.defaults().outboxBytes());
  }

  private SessionPipeline node(String name, int redisPort, long outboxBytes) {
    PatientSettings settings = new PatientSettings();
    settings.outboxBytes = outboxBytes;
    SegmentStore store = SqlSegmentStore.connect(sql(toDatabase.port()));
    SessionPipeline node =
        SessionPipeline.builder()
            .recogniser("coded", recogniser)
            .settings(settings.settings())
            .stores(
                redisPort == 0
                    ? alone(store, data.resolve(name))
                    : ofAFleet(store, data.resolve(name), redisPort))
            .build();
    nodes.add(node);
    return node;
  }

  private static SessionStores alone(SegmentStore store, Path home) {
    return new SessionStores(
        store,
        home.resolve("outbox"),
        java.util.Optional.empty(),
        new InProcessLiveTranscript(CLOCK, PARTIAL_TTL),
        new InProcessSourceLease(),
        Optional.empty());
  }

  /** A Redis that is slow because the machine is must not count as one that is away. */
  private static SessionStores ofAFleet(SegmentStore store, Path home, int redisPort) {
    RedisNode redis = RedisNode.connect("redis://127.0.0.1:" + redisPort, Duration.ofSeconds(30));
    return new SessionStores(
        store,
        home.resolve("outbox"),
        java.util.Optional.empty(),
        new RedisLiveTranscript(redis, CLOCK, PARTIAL_TTL, new SimpleMeterRegistry()),
        new RedisSourceLease(redis, CLOCK, Duration.ofSeconds(30)),
        Optional.of(redis));
  }

  private SqlStoreSettings sql(int port) {
    return new SqlStoreSettings(
        SharedMariaDb.url(port, database),
        "root",
        "",
        4,
        // Short where a test cuts the connection; else as long as a loaded machine needs.
        Duration.ofSeconds(port == toDatabase.port() ? 3 : 30),
        Duration.ofSeconds(30));
  }

  @Test
  void databaseThatGoesInMidSessionLosesNothingForWriterOrReaders() throws Exception {
    SessionPipeline node = node("a", 0);
    CapturingReader reader = new CapturingReader();
    node.subscribe(ID, 1, reader);
    SessionSource source = node.open(SourceRequest.of(ID, "test"), received);
    utter(source, 1, 2);
    toDatabase.cut();
    utter(source, 3, 4);

    await().untilAsserted(() -> assertThat(reader.finalNumbers()).containsExactly(1L, 2L, 3L, 4L));
    assertThat(node.readiness().outboxSegments()).isPositive();
    // A probe that began before the cut may answer after it.
    await().until(() -> !node.readiness().storeReachable());
    toDatabase.stall();
    utter(source, 5, 5);
    end(source);
    CapturingReader late = new CapturingReader();
    node.subscribe(ID, 1, late);
    toDatabase.mend();

    await()
        .untilAsserted(() -> assertThat(late.finalNumbers()).containsExactly(1L, 2L, 3L, 4L, 5L));
    awaitInTheDatabase(node);
    assertThat(reader.words()).isEqualTo(CodedSpeech.text(1, 2, 3, 4, 5));
    assertThat(stored()).isEqualTo(received.finals());
  }

  @Test
  void databaseThatIsDownAtTheStartAdmitsFreshSessionsOnly() throws Exception {
    toDatabase.cut();
    SessionPipeline node = node("a", 0);

    assertThatThrownBy(() -> node.open(SourceRequest.of(ID, "test"), received))
        .isInstanceOfSatisfying(
            SessionRefusedException.class,
            refused ->
                assertThat(refused.reason())
                    .isEqualTo(SessionRefusedException.Reason.STORE_UNAVAILABLE));
    SessionId fresh = node.newSessionId();
    CapturingReader reader = new CapturingReader();
    node.subscribe(fresh, 1, reader);
    SessionSource source = node.open(SourceRequest.of(fresh, "test"), received);
    utter(source, 1, 2);
    end(source);
    await().untilAsserted(() -> assertThat(reader.finalNumbers()).containsExactly(1L, 2L));

    CapturingListener later = new CapturingListener();
    SessionSource again = node.open(SourceRequest.of(fresh, "test"), later);
    utter(again, 3, 3);
    end(again);
    assertThat(later.finals()).extracting(Segment::seq).containsExactly(3L);

    toDatabase.mend();
    awaitInTheDatabase(node);
    assertThat(node.segments(fresh, 1, 10)).extracting(Segment::seq).containsExactly(1L, 2L, 3L);
  }

  @Test
  void newerSourceOnAnotherNodeTakesTheSessionAfterTheOlderOnesWordsAreKept() throws Exception {
    SessionPipeline one = node("a", redis.port());
    SessionPipeline two = node("b", redis.port());
    CapturingReader reader = new CapturingReader();
    two.subscribe(ID, 1, reader);
    SessionSource older = one.open(SourceRequest.of(ID, "test"), received);
    utter(older, 1, 3);
    say(older, CodedSpeech.words(4));
    CapturingListener newer = new CapturingListener();

    SessionSource second = two.open(SourceRequest.of(ID, "test"), newer);
    utter(second, 5, 6);
    end(second);

    await().until(() -> received.closed.equals(List.of(SourceClosed.SUPERSEDED)));
    assertThat(received.finals()).extracting(Segment::text).containsExactly("w1", "w2", "w3", "w4");
    assertThat(newer.finals()).extracting(Segment::seq).containsExactly(5L, 6L);
    await()
        .untilAsserted(
            () -> assertThat(reader.words()).isEqualTo(CodedSpeech.text(1, 2, 3, 4, 5, 6)));
    assertThat(reader.finalNumbers()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
  }

  @Test
  void nodeThatLostItsLeaseWhileCutOffNeverWritesAnotherNumber() throws Exception {
    SessionPipeline cutOff = node("a", toRedis.port());
    SessionPipeline other = node("b", redis.port());
    SessionSource stale = cutOff.open(SourceRequest.of(ID, "test"), received);
    utter(stale, 1, 2);
    awaitInTheDatabase(cutOff);
    toRedis.cut();
    await().until(() -> !cutOff.readiness().liveReachable());
    CapturingListener newer = new CapturingListener();
    SessionSource second = other.open(SourceRequest.of(ID, "test"), newer);
    utter(second, 3, 4);
    awaitInTheDatabase(other);

    say(stale, CodedSpeech.words(9));
    done(stale.flush());

    await().until(() -> received.closed.equals(List.of(SourceClosed.SUPERSEDED)));
    utter(second, 5, 5);
    end(second);
    awaitInTheDatabase(other);
    assertThat(stored()).extracting(Segment::text).containsExactly("w1", "w2", "w3", "w4", "w5");
    assertThat(stored()).extracting(Segment::seq).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void readerOnAnotherNodeMissesNothingWhileRedisIsAway() throws Exception {
    SessionPipeline writing = node("a", redis.port());
    SessionPipeline reading = node("b", toRedis.port());
    CapturingReader reader = new CapturingReader();
    reading.subscribe(ID, 1, reader);
    SessionSource source = writing.open(SourceRequest.of(ID, "test"), received);
    utter(source, 1, 5);
    await().until(() -> reader.finalNumbers().size() == 5);
    toRedis.cut();
    utter(source, 6, 10);
    toRedis.mend();
    utter(source, 11, 15);
    end(source);

    await()
        .untilAsserted(
            () ->
                assertThat(reader.words())
                    .isEqualTo(CodedSpeech.text(IntStream.rangeClosed(1, 15).toArray())));
    assertThat(reader.finalNumbers())
        .containsExactly(LongStream.rangeClosed(1, 15).boxed().toArray(Long[]::new));
  }

  @Test
  void processKilledBeforeTheDatabaseIsBackLeavesWordsThatTheNextStartDeliversOnce()
      throws Exception {
    toDatabase.cut();
    Process child =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KilledGateway.class.getName(),
                data.resolve("a").toString(),
                SharedMariaDb.url(toDatabase.port(), database))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String id = "";
    try (BufferedReader said = child.inputReader()) {
      for (String line = said.readLine();
          line != null && !line.equals(KilledGateway.KEPT);
          line = said.readLine()) {
        id = line.startsWith(KilledGateway.SESSION) ? line.substring(8) : id;
      }
    } finally {
      child.destroyForcibly();
    }
    assertThat(child.waitFor()).as("killed, not ended").isEqualTo(128 + 9);
    assertThat(id).isNotEmpty();
    toDatabase.mend();

    SessionPipeline next = node("a", 0);

    awaitInTheDatabase(next);
    assertThat(stored(new SessionId(id)))
        .extracting(s -> s.seq() + " " + s.text())
        .containsExactly("1 w1", "2 w2", "3 w3");
    CapturingListener later = new CapturingListener();
    SessionSource again = next.open(SourceRequest.of(new SessionId(id), "test"), later);
    utter(again, 4, 4);
    end(again);
    assertThat(later.finals()).extracting(Segment::seq).containsExactly(4L);
    assertThat(data.resolve("a").resolve("outbox").resolve("conflicts.log")).doesNotExist();
  }

  @Test
  void fullOutboxRefusesNewSourcesAndHoldsTheOpenOnesFinalsBackUntilThereIsSpace()
      throws Exception {
    SessionPipeline node = node("a", 0, 1L << 20);
    SessionSource source = node.open(SourceRequest.of(ID, "test"), received);
    utter(source, 1, 1);
    toDatabase.cut();
    for (int attributes : new int[] {30, 1, 0}) {
      fillOutbox(node, attributes);
    }
    say(source, CodedSpeech.words(2));
    CompletionStage<Void> heldBack = source.flush();
    say(source, CodedSpeech.words(3));

    await().until(() -> refusalOfAFreshSource(node, 0).isPresent());
    assertThat(received.finals()).extracting(Segment::text).containsExactly("w1");
    toDatabase.mend();

    done(heldBack);
    end(source);
    awaitInTheDatabase(node);
    assertThat(received.finals()).extracting(Segment::text).containsExactly("w1", "w2", "w3");
    assertThat(stored()).isEqualTo(received.finals());
  }

  private void fillOutbox(SessionPipeline node, int attributes) {
    for (int i = 0; i < 400 && refusalOfAFreshSource(node, attributes).isEmpty(); i++) {
      // each opening takes its part
    }
  }

  private Optional<SessionRefusedException.Reason> refusalOfAFreshSource(
      SessionPipeline node, int attributes) {
    Map<String, String> large = new TreeMap<>();
    for (int i = 0; i < attributes; i++) {
      large.put("attribute-" + i, "x".repeat(1000));
    }
    SourceRequest request =
        new SourceRequest(
            node.newSessionId(),
            "test",
            Optional.empty(),
            List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, 8000)),
            RecognitionRequest.DEFAULT,
            large);
    try {
      node.open(request, new CapturingListener());
      return Optional.empty();
    } catch (SessionRefusedException full) {
      return Optional.of(full.reason());
    }
  }

  /** On a loaded machine even a healthy database may exceed the bound: the outbox has it then. */
  private static void awaitInTheDatabase(SessionPipeline node) {
    await().until(() -> node.readiness().outboxSegments() == 0);
  }

  private List<Segment> stored() {
    return stored(ID);
  }

  private List<Segment> stored(SessionId id) {
    try (SegmentStore direct = SqlSegmentStore.connect(sql(SharedMariaDb.port()))) {
      return direct.segments(id, 1, 100);
    }
  }
}
