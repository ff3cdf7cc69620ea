package org.linescribe.session.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.linescribe.session.SessionId;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.testsupport.servers.CuttableProxy;
import org.linescribe.testsupport.servers.OwnRedis;
import org.linescribe.testsupport.servers.TestRedis;

/** Two nodes on one real Redis, the reader's by way of a proxy. */
class RedisLiveTranscriptTest extends LiveTranscriptContract {
  private static final long KEY_MISSING = -2;

  /** A Redis that is slow because the machine is must not count as one that is away. */
  private static final Duration SLOW_MACHINE = Duration.ofSeconds(30);

  private final TestRedis redis = server();
  private final CuttableProxy way = new CuttableProxy(redis.port());
  private RedisNode writer;
  private RedisNode reader;
  private RedisLiveTranscript writing;
  private RedisLiveTranscript reading;

  TestRedis server() {
    return new OwnRedis();
  }

  @BeforeEach
  void connect() {
    writer = RedisNode.connect(redis.url(), SLOW_MACHINE);
    writing = live(writer);
    connectReader(SLOW_MACHINE);
    await().until(() -> writing.isReachable());
  }

  private void connectReader(Duration silence) {
    reader = RedisNode.connect("redis://127.0.0.1:" + way.port(), silence);
    reading = live(reader);
    await().until(() -> reading.isReachable());
  }

  private static RedisLiveTranscript live(RedisNode node) {
    return new RedisLiveTranscript(
        node, Clock.systemUTC(), Duration.ofSeconds(60), new SimpleMeterRegistry());
  }

  @AfterEach
  void close() {
    writing.close();
    reading.close();
    writer.close();
    reader.close();
    way.close();
    redis.close();
  }

  @Override
  LiveTranscript writersNode() {
    return writing;
  }

  @Override
  LiveTranscript readersNode() {
    return reading;
  }

  @Override
  void awaitSubscribed(LiveTranscript node, CapturingLiveListener received) {
    if (node == reading) {
      // A second listener of a channel that is subscribed already gets no notification of its own.
      await()
          .until(
              () -> {
                writing.publish(partial(1, "probe"));
                return !received.events.isEmpty();
              });
      // The last of them; another one where the connection was replaced under it, as one is that a
      // stalled machine keeps silent.
      AtomicLong marks = new AtomicLong();
      await()
          .until(
              () -> {
                TranscriptEvent mark = fin(marks.incrementAndGet(), "probe");
                writing.publish(mark);
                return arrives(received, mark);
              });
      received.events.clear();
    }
  }

  private static boolean arrives(CapturingLiveListener received, TranscriptEvent event) {
    try {
      await().atMost(Duration.ofSeconds(10)).until(() -> received.events.contains(event));
      return true;
    } catch (ConditionTimeoutException lost) {
      return false;
    }
  }

  @Override
  CapturingLiveListener listen(LiveTranscript node, SessionId id) {
    CapturingLiveListener received = new CapturingLiveListener();
    received.registration = node.subscribe(id, received);
    if (id.equals(ID)) {
      awaitSubscribed(node, received);
    }
    return received;
  }

  @Test
  void cutReaderIsToldOfTheGapWhenRedisIsBackAndHearsAgain() {
    CapturingLiveListener received = listen(reading, ID);
    int gapsBefore = received.gaps.get();
    way.cut();
    await().until(() -> !reading.isReachable());
    writing.publish(fin(1, "missed"));

    way.mend();

    await().until(() -> received.gaps.get() > gapsBefore);
    writing.publish(fin(2, "late"));
    await().untilAsserted(() -> assertThat(received.events).containsExactly(fin(2, "late")));
  }

  @Test
  void connectionThatStandsButCarriesNothingIsReplaced() {
    reading.close();
    reader.close();
    connectReader(Duration.ofSeconds(1));
    CapturingLiveListener received = listen(reading, ID);
    way.stall();
    await().until(() -> !reading.isReachable());
    writing.publish(fin(1, "missed or late"));

    way.mend();

    await().until(reading::isReachable);
    await().until(() -> received.gaps.get() > 0);
    await()
        .until(
            () -> {
              writing.publish(fin(2, "late"));
              return received.events.contains(fin(2, "late"));
            });
  }

  @Test
  void wakeReachesReadersOnEveryNode() {
    CapturingLiveListener far = listen(reading, ID);
    CapturingLiveListener near = listen(writing, ID);
    int gapsBefore = far.gaps.get();

    writing.wake(ID);

    await().until(() -> far.gaps.get() > gapsBefore);
    assertThat(near.gaps.get()).isPositive();
  }

  /** Readers on other nodes do not notice that only the writer's node was cut off. */
  @Test
  void nodeThatWasCutOffTellsReadersElsewhereToLookWhenItIsBack() {
    CapturingLiveListener missedFinal = listen(writing, ID);
    SessionId ended = new SessionId("call-2");
    CapturingLiveListener missedEnd = listen(writing, ended);
    SessionId drained = new SessionId("call-3");
    CapturingLiveListener missedWake = listen(writing, drained);
    List<CapturingLiveListener> all = List.of(missedFinal, missedEnd, missedWake);
    await().until(() -> all.stream().allMatch(one -> one.gaps.get() > 0));
    all.forEach(one -> one.gaps.set(0));
    way.cut();
    await().until(() -> !reading.isReachable());

    reading.publish(fin(1, "missed"));
    reading.publish(new TranscriptEvent.Ended(ended, 1, "bye"));
    reading.wake(drained);
    way.mend();

    await().until(() -> all.stream().allMatch(one -> one.gaps.get() > 0));
  }

  /** What was on its way when the connection turned out to carry nothing. */
  @Test
  void nodeWhoseConnectionCarriedNothingTellsReadersElsewhereToLook() {
    reading.close();
    reader.close();
    connectReader(Duration.ofSeconds(1));
    CapturingLiveListener received = listen(writing, ID);
    await().until(() -> received.gaps.get() > 0);
    received.gaps.set(0);
    way.stall();
    reading.publish(fin(1, "on its way"));
    await().until(() -> !reading.isReachable());

    way.cut();
    way.mend();

    await().until(() -> received.gaps.get() > 0 || !received.events.isEmpty());
  }

  @Test
  void readerThatCameWhileRedisWasAwayHearsWhenItIsBack() {
    way.cut();
    await().until(() -> !reading.isReachable());
    CapturingLiveListener received = new CapturingLiveListener();
    reading.subscribe(ID, received);

    way.mend();

    await().until(() -> received.gaps.get() > 0);
    writing.publish(fin(1, "late"));
    await().untilAsserted(() -> assertThat(received.events).containsExactly(fin(1, "late")));
  }

  @Test
  void nodeWithoutRedisServesItsOwnReaders() {
    way.cut();
    await().until(() -> !reading.isReachable());
    CapturingLiveListener near = new CapturingLiveListener();
    reading.subscribe(ID, near);

    reading.publish(partial(1, "one"));

    assertThat(near.events).containsExactly(partial(1, "one"));
    assertThat(reading.current(ID)).containsExactly(partial(1, "one"));
  }

  @Test
  void currentPartialLivesInAHashWithATimeToLive() {
    writing.publish(partial(1, "one"));
    RedisClient client = RedisClient.create(redis.url());
    try (var connection = client.connect()) {
      String key = "linescribe:{call-1}:partial";
      // Never there without it: one look decides, whenever it comes.
      await().until(() -> connection.sync().pttl(key) != KEY_MISSING);
      assertThat(connection.sync().hget(key, "caller")).contains("\"text\":\"one\"");
      assertThat(connection.sync().pttl(key)).isBetween(30_000L, 60_000L);
    } finally {
      client.shutdown();
    }
  }
}
