package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.servers.CuttableProxy;
import org.linescribe.session.servers.OwnRedis;
import org.linescribe.session.servers.SharedMariaDb;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.session.store.SqlStoreSettings;

/** The pipeline on real MariaDB and Redis that are cut and stalled, alone and as a fleet of two. */
class PipelineFailureTest {
  private static final SessionId ID = new SessionId("call-1");

  @TempDir private Path data;
  private final String database = SharedMariaDb.newDatabase();
  private final CuttableProxy toDatabase = new CuttableProxy(SharedMariaDb.port());
  private final OwnRedis redis = new OwnRedis();
  private final CuttableProxy toRedis = new CuttableProxy(redis.port());
  private final List<SessionPipeline> nodes = new ArrayList<>();
  private final CodedRecogniser recogniser = new CodedRecogniser("coded");
  private final HeardSource heard = new HeardSource();

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
    SessionSettings d = SessionSettings.defaults();
    SessionPipeline node =
        SessionPipeline.builder()
            .recogniser("coded", recogniser)
            .settings(
                new SessionSettings(
                    d.maxSources(),
                    d.maxLegs(),
                    d.idleTime(),
                    d.maxLength(),
                    d.endpointSilence(),
                    d.partialTtl(),
                    d.storeBound(),
                    d.flushTime(),
                    d.replayTime(),
                    outboxBytes,
                    d.readerQueue()))
            .stores(
                SessionStores.open(
                    data.resolve(name),
                    Optional.of(sql(toDatabase.port())),
                    redisPort == 0
                        ? Optional.empty()
                        : Optional.of("redis://127.0.0.1:" + redisPort),
                    Duration.ofSeconds(60),
                    new SimpleMeterRegistry()))
            .build();
    nodes.add(node);
    return node;
  }

  private SqlStoreSettings sql(int port) {
    return new SqlStoreSettings(
        SharedMariaDb.url(port, database),
        "root",
        "",
        4,
        Duration.ofSeconds(3),
        Duration.ofSeconds(3));
  }

  @Test
  void databaseThatGoesInMidSessionLosesNothingForWriterOrReaders() throws Exception {
    SessionPipeline node = node("a", 0);
    HeardReader reader = new HeardReader();
    node.subscribe(ID, 1, reader);
    SessionSource source = node.open(SourceRequest.of(ID, "test"), heard);
    utter(source, 1, 2);
    toDatabase.cut();
    utter(source, 3, 4);

    await().untilAsserted(() -> assertThat(reader.finalNumbers()).containsExactly(1L, 2L, 3L, 4L));
    assertThat(node.readiness().outboxSegments()).isPositive();
    assertThat(node.readiness().storeReachable()).isFalse();
    toDatabase.stall();
    utter(source, 5, 5);
    end(source);
    HeardReader late = new HeardReader();
    node.subscribe(ID, 1, late);
    toDatabase.mend();

    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(late.finalNumbers()).containsExactly(1L, 2L, 3L, 4L, 5L));
    await().atMost(Duration.ofSeconds(30)).until(() -> node.readiness().outboxSegments() == 0);
    assertThat(reader.words()).isEqualTo(CodedSpeech.text(1, 2, 3, 4, 5));
    assertThat(stored()).isEqualTo(heard.finals());
  }

  @Test
  void databaseThatIsDownAtTheStartAdmitsFreshSessionsOnly() throws Exception {
    toDatabase.cut();
    SessionPipeline node = node("a", 0);

    assertThatThrownBy(() -> node.open(SourceRequest.of(ID, "test"), heard))
        .isInstanceOfSatisfying(
            SessionRefusedException.class,
            refused ->
                assertThat(refused.reason())
                    .isEqualTo(SessionRefusedException.Reason.STORE_UNAVAILABLE));
    SessionId fresh = node.newSessionId();
    HeardReader reader = new HeardReader();
    node.subscribe(fresh, 1, reader);
    SessionSource source = node.open(SourceRequest.of(fresh, "test"), heard);
    utter(source, 1, 2);
    end(source);
    await().untilAsserted(() -> assertThat(reader.finalNumbers()).containsExactly(1L, 2L));

    HeardSource later = new HeardSource();
    SessionSource again = node.open(SourceRequest.of(fresh, "test"), later);
    utter(again, 3, 3);
    end(again);
    assertThat(later.finals()).extracting(Segment::seq).containsExactly(3L);

    toDatabase.mend();
    await().atMost(Duration.ofSeconds(30)).until(() -> node.readiness().outboxSegments() == 0);
    assertThat(node.segments(fresh, 1, 10)).extracting(Segment::seq).containsExactly(1L, 2L, 3L);
  }

  @Test
  void newerSourceOnAnotherNodeTakesTheSessionAfterTheOlderOnesWordsAreKept() throws Exception {
    SessionPipeline one = node("a", redis.port());
    SessionPipeline two = node("b", redis.port());
    HeardReader reader = new HeardReader();
    two.subscribe(ID, 1, reader);
    SessionSource older = one.open(SourceRequest.of(ID, "test"), heard);
    utter(older, 1, 3);
    feed(older, CodedSpeech.words(4));
    HeardSource newer = new HeardSource();

    SessionSource second = two.open(SourceRequest.of(ID, "test"), newer);
    utter(second, 5, 6);
    end(second);

    await().until(() -> heard.closed.equals(List.of(SourceClosed.SUPERSEDED)));
    assertThat(heard.finals()).extracting(Segment::text).containsExactly("w1", "w2", "w3", "w4");
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
    SessionSource stale = cutOff.open(SourceRequest.of(ID, "test"), heard);
    utter(stale, 1, 2);
    toRedis.cut();
    await().until(() -> !cutOff.readiness().liveReachable());
    HeardSource newer = new HeardSource();
    SessionSource second = other.open(SourceRequest.of(ID, "test"), newer);
    utter(second, 3, 4);

    feed(stale, CodedSpeech.words(9));
    stale.flush().toCompletableFuture().get(30, TimeUnit.SECONDS);

    await().until(() -> heard.closed.equals(List.of(SourceClosed.SUPERSEDED)));
    utter(second, 5, 5);
    end(second);
    assertThat(stored()).extracting(Segment::text).containsExactly("w1", "w2", "w3", "w4", "w5");
    assertThat(stored()).extracting(Segment::seq).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void readerOnAnotherNodeMissesNothingWhileRedisIsAway() throws Exception {
    SessionPipeline writing = node("a", redis.port());
    SessionPipeline reading = node("b", toRedis.port());
    HeardReader reader = new HeardReader();
    reading.subscribe(ID, 1, reader);
    SessionSource source = writing.open(SourceRequest.of(ID, "test"), heard);
    utter(source, 1, 5);
    await().until(() -> reader.finalNumbers().size() == 5);
    toRedis.cut();
    utter(source, 6, 10);
    toRedis.mend();
    utter(source, 11, 15);
    end(source);

    await()
        .atMost(Duration.ofSeconds(20))
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

    await().atMost(Duration.ofSeconds(30)).until(() -> next.readiness().outboxSegments() == 0);
    assertThat(stored(new SessionId(id)))
        .extracting(s -> s.seq() + " " + s.text())
        .containsExactly("1 w1", "2 w2", "3 w3");
    HeardSource later = new HeardSource();
    SessionSource again = next.open(SourceRequest.of(new SessionId(id), "test"), later);
    utter(again, 4, 4);
    end(again);
    assertThat(later.finals()).extracting(Segment::seq).containsExactly(4L);
    assertThat(data.resolve("a").resolve("outbox").resolve("conflicts.log")).doesNotExist();
  }

  @Test
  void fullOutboxRefusesNewSourcesAndHoldsTheOpenOnesFinalsBackUntilThereIsRoom() throws Exception {
    SessionPipeline node = node("a", 0, 1L << 20);
    SessionSource source = node.open(SourceRequest.of(ID, "test"), heard);
    utter(source, 1, 1);
    toDatabase.cut();
    for (int attributes : new int[] {30, 1, 0}) {
      fillOutbox(node, attributes);
    }
    feed(source, CodedSpeech.words(2));
    CompletionStage<Void> heldBack = source.flush();
    feed(source, CodedSpeech.words(3));

    await().until(() -> refusalOfAFreshSource(node, 0).isPresent());
    assertThat(heard.finals()).extracting(Segment::text).containsExactly("w1");
    toDatabase.mend();

    heldBack.toCompletableFuture().get(30, TimeUnit.SECONDS);
    end(source);
    await().atMost(Duration.ofSeconds(30)).until(() -> node.readiness().outboxSegments() == 0);
    assertThat(heard.finals()).extracting(Segment::text).containsExactly("w1", "w2", "w3");
    assertThat(stored()).isEqualTo(heard.finals());
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
            List.of(new SourceRequest.Leg(SourceRequest.Leg.CALLER, 8000)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            large);
    try {
      node.open(request, new HeardSource());
      return Optional.empty();
    } catch (SessionRefusedException full) {
      return Optional.of(full.reason());
    }
  }

  private List<Segment> stored() {
    return stored(ID);
  }

  private List<Segment> stored(SessionId id) {
    try (SegmentStore direct = SqlSegmentStore.connect(sql(SharedMariaDb.port()))) {
      return direct.segments(id, 1, 100);
    }
  }

  /** Each word becomes an utterance of its own. */
  private static void utter(SessionSource source, int firstWord, int lastWord) throws Exception {
    for (int word = firstWord; word <= lastWord; word++) {
      feed(source, CodedSpeech.words(word));
      source.flush().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
  }

  private static void feed(SessionSource source, float[] pcm) {
    await().pollInterval(Duration.ofMillis(1)).until(() -> source.accept(0, pcm, 0, pcm.length));
  }

  private static void end(SessionSource source) throws Exception {
    source.end("bye").toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
