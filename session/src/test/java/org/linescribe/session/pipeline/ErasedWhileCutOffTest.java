package org.linescribe.session.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.SessionSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.SourceRequest;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.testsupport.servers.CuttableProxy;
import org.linescribe.testsupport.servers.OwnRedis;
import org.linescribe.testsupport.servers.SharedMariaDb;

/**
 * A session that is erased while the node that has it open hears nothing of it: two nodes on a real
 * MariaDB and Redis. A process that stands still is the same to the others.
 */
class ErasedWhileCutOffTest {
  private static final SessionId ID = new SessionId("call-1");
  private static final String LEASE = "linescribe:{call-1}:lease";

  @TempDir private Path folder;
  private final String database = SharedMariaDb.newDatabase();
  private final OwnRedis redis = new OwnRedis();
  private final CuttableProxy way = new CuttableProxy(redis.port());
  private final CapturingListener received = new CapturingListener();
  private FleetNode cutOff;
  private FleetNode asked;

  @BeforeEach
  void start() throws Exception {
    cutOff = new FleetNode(folder.resolve("cut-off"), database, way.port());
    asked = new FleetNode(folder.resolve("asked"), database, redis.port());
    await().until(() -> cutOff.sessions.readiness().liveReachable());
    await().until(() -> asked.sessions.readiness().liveReachable());
  }

  @AfterEach
  void stop() {
    way.mend();
    cutOff.close();
    asked.close();
    way.close();
    redis.close();
  }

  private List<String> keys() {
    RedisClient client = RedisClient.create(redis.url());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      return connection.sync().keys("*" + ID + "*");
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  /** As ten seconds without a renewal do. */
  private void leaseRunsOut() {
    RedisClient client = RedisClient.create(redis.url());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      connection.sync().del(LEASE);
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  private static CallRecord call(Instant startedAt) {
    return new CallRecord(
        ID,
        "call-id",
        "sip",
        Optional.empty(),
        "sip:alice@example.com",
        "sip:bob@example.com",
        "udp",
        startedAt,
        Optional.of(startedAt),
        Optional.empty(),
        Instant.now(),
        "superseded",
        List.of());
  }

  @Test
  void nothingComesBackOfASessionThatWasOpenOnANodeThatHeardNothing() throws Exception {
    Instant startedAt = Instant.now();
    SessionSource source =
        cutOff.sessions.open(
            new SourceRequest(
                ID,
                "test",
                Optional.empty(),
                SourceRequest.of(ID, "test").legs(),
                SourceRequest.of(ID, "test").recognition(),
                Map.of("customer", "alice")),
            received);
    Speaker.utter(source, 1, 1);
    way.cut();
    await().until(() -> !cutOff.sessions.readiness().liveReachable());
    leaseRunsOut();

    asked.erasure.erase(ID, true);

    // It knows nothing, and goes on.
    source.describe("customer", "alice again");
    Speaker.utter(source, 2, 2);
    await()
        .until(
            () ->
                asked
                    .sessions
                    .find(ID)
                    .map(SessionRecord::attributes)
                    .equals(Optional.of(Map.of("customer", "alice again"))));
    Speaker.say(source, CodedSpeech.words(3));
    way.mend();

    await().until(() -> received.closed.equals(List.of(SourceClosed.SUPERSEDED)));
    await().until(() -> asked.erasure.outcome(ID).orElseThrow().pending(), List::isEmpty);
    cutOff.sessions.callLog().keep(call(startedAt));
    assertThat(source.write(0, CodedSpeech.words(4), 0, 100)).isZero();
    assertThat(asked.sessions.find(ID)).isEmpty();
    assertThat(asked.sessions.segments(ID, 1, 10)).isEmpty();
    assertThat(asked.sessions.callLog().newest(ID)).isEmpty();
    assertThat(keys()).isEmpty();
  }

  @Test
  void aSessionOfItsIdThatBeginsAfterwardsIsAnotherOne() throws Exception {
    SessionSource source = cutOff.sessions.open(SourceRequest.of(ID, "first"), received);
    Speaker.utter(source, 1, 1);
    way.cut();
    await().until(() -> !cutOff.sessions.readiness().liveReachable());
    leaseRunsOut();
    asked.erasure.erase(ID, true);
    SessionSource next =
        asked.sessions.open(SourceRequest.of(ID, "second"), new CapturingListener());
    Speaker.utter(next, 2, 2);

    way.mend();

    await().until(() -> received.closed.equals(List.of(SourceClosed.SUPERSEDED)));
    await().until(() -> asked.erasure.outcome(ID).orElseThrow().pending(), List::isEmpty);
    Speaker.utter(next, 3, 3);
    Speaker.end(next);
    assertThat(asked.sessions.segments(ID, 1, 10))
        .extracting(segment -> segment.text())
        .containsExactly("w2", "w3");
    assertThat(asked.sessions.find(ID).orElseThrow().kind()).isEqualTo("second");
  }
}
