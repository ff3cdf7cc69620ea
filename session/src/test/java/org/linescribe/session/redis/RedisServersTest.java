package org.linescribe.session.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.session.SessionId;
import org.linescribe.session.TranscriptEvent;
import org.linescribe.session.lease.RedisSourceLease;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.live.LiveListener;
import org.linescribe.session.live.RedisLiveTranscript;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Patience;
import org.linescribe.testsupport.Tool;
import org.linescribe.testsupport.servers.RedisProcess;

/** Two nodes of a fleet at a Redis that is more than one server. */
@NeedsTool(Tool.REDIS)
class RedisServersTest {
  private static final String HOST = "127.0.0.1";

  /** A Redis that is slow because the machine is must not count as one that is away. */
  private static final Duration SLOW_MACHINE = Duration.ofSeconds(10);

  /** Of three masters each has some of so many sessions. */
  private static final int SESSIONS = 12;

  @TempDir Path folder;

  /** A node with what it shares with others. */
  private static final class Member implements AutoCloseable {
    private final RedisNode node;
    private final RedisSourceLease lease;
    private final RedisLiveTranscript live;

    Member(String url) {
      node = RedisNode.connect(url, SLOW_MACHINE);
      await().atMost(Patience.LIMIT).until(node::isReachable);
      lease = new RedisSourceLease(node, Clock.systemUTC(), SLOW_MACHINE);
      live =
          new RedisLiveTranscript(
              node, Clock.systemUTC(), Duration.ofMinutes(1), new SimpleMeterRegistry());
    }

    @Override
    public void close() {
      live.close();
      lease.close();
      node.close();
    }
  }

  /** Collects what comes. */
  private static final class Heard implements LiveListener {
    final List<TranscriptEvent> events = new CopyOnWriteArrayList<>();
    final AtomicInteger gaps = new AtomicInteger();

    @Override
    public void onEvent(TranscriptEvent event) {
      events.add(event);
    }

    @Override
    public void onGap() {
      gaps.incrementAndGet();
    }
  }

  private static TranscriptEvent.Partial partial(SessionId id, String text) {
    return new TranscriptEvent.Partial(id, 1, "caller", text, 0, 100, 0.5);
  }

  /** A lease goes from one to the other with its number, and partials come across. */
  private static void assertShared(Member one, Member other, String name) throws Exception {
    SessionId id = new SessionId(name);
    SourceLease.Grant first = one.lease.acquire(id, "socket", SLOW_MACHINE, () -> {});
    first.wrote(7);
    first.release();
    SourceLease.Grant second = other.lease.acquire(id, "socket", SLOW_MACHINE, () -> {});
    assertThat(second.previousToken()).isEqualTo(first.token());
    assertThat(second.writtenSeq()).isEqualTo(7);
    assertThat(second.holds()).isTrue();

    Heard heard = new Heard();
    var registration = other.live.subscribe(id, heard);
    await()
        .atMost(SLOW_MACHINE)
        .untilAsserted(
            () -> {
              one.live.publish(partial(id, "FOUR"));
              assertThat(heard.events).contains(partial(id, "FOUR"));
            });
    assertThat(other.live.current(id)).containsExactly(partial(id, "FOUR"));
    registration.close();
    second.release();
  }

  private static void assertSharedAgain(Member one, Member other, String name) {
    await()
        .atMost(Patience.LIMIT)
        .ignoreExceptions()
        .untilAsserted(() -> assertShared(one, other, name + "-" + Instant.now().toEpochMilli()));
  }

  @Test
  void followsTheMasterThatSentinelNames() throws Exception {
    List<RedisProcess> started = new ArrayList<>();
    try {
      RedisProcess master = new RedisProcess(HOST, folder.resolve("master"));
      started.add(master);
      RedisProcess replica =
          new RedisProcess(
              HOST, folder.resolve("replica"), "--replicaof", HOST + " " + master.port());
      started.add(replica);
      RedisProcess sentinel = RedisProcess.sentinel(folder.resolve("sentinel"), "calls", master);
      started.add(sentinel);
      awaitReplica(sentinel);
      String url = "redis-sentinel://" + HOST + ":" + sentinel.port() + "#calls";
      try (Member one = new Member(url);
          Member other = new Member(url)) {
        assertSharedAgain(one, other, "before");

        master.kill();

        assertSharedAgain(one, other, "after");
      }
    } finally {
      started.forEach(RedisProcess::close);
    }
  }

  private static void awaitReplica(RedisProcess sentinel) {
    RedisClient client = RedisClient.create();
    try (var connection = client.connectSentinel(RedisURI.create(sentinel.url()))) {
      await()
          .atMost(Patience.LIMIT)
          .until(
              () ->
                  connection.sync().replicas("calls").stream()
                      .anyMatch(one -> "ok".equals(one.get("master-link-status"))));
    } finally {
      client.shutdown();
    }
  }

  @Test
  void sharesAClusterAndFollowsItsNewMaster() throws Exception {
    List<RedisProcess> nodes = RedisProcess.cluster(HOST, folder);
    try {
      String url =
          "redis-cluster://"
              + nodes.stream().map(n -> HOST + ":" + n.port()).collect(Collectors.joining(","));
      try (Member one = new Member(url);
          Member other = new Member(url)) {
        // One that has just joined may still say that the cluster is down.
        for (int i = 0; i < SESSIONS; i++) {
          assertSharedAgain(one, other, "before-" + i);
        }
        List<Heard> readers = new ArrayList<>();
        for (int i = 0; i < SESSIONS; i++) {
          Heard reader = new Heard();
          readers.add(reader);
          other.live.subscribe(new SessionId("last-" + i), reader);
        }
        await().until(() -> readers.stream().allMatch(reader -> reader.gaps.get() > 0));

        nodes.getFirst().kill();

        List<Integer> gaps = readers.stream().map(reader -> reader.gaps.get()).toList();
        List<TranscriptEvent> ends = new ArrayList<>();
        for (int i = 0; i < SESSIONS; i++) {
          ends.add(new TranscriptEvent.Ended(new SessionId("last-" + i), 1, "bye"));
          one.live.publish(ends.getLast());
        }
        // Once: who does not get it must be told to look into the store.
        await()
            .untilAsserted(
                () ->
                    assertThat(IntStream.range(0, SESSIONS))
                        .allMatch(
                            i ->
                                readers.get(i).events.contains(ends.get(i))
                                    || readers.get(i).gaps.get() > gaps.get(i)));
        for (int i = 0; i < SESSIONS; i++) {
          assertSharedAgain(one, other, "after-" + i);
        }
      }
    } finally {
      nodes.forEach(RedisProcess::close);
    }
  }

  @Test
  void refusesAnotherFormWithoutRepeatingIt() {
    for (String url : List.of("http://secret@host", "redis-cluster://", "redis-sentinel://host")) {
      assertThatThrownBy(() -> RedisNode.connect(url))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("linescribe.redis.url: expected redis://")
          .hasMessageNotContaining("secret")
          .hasNoCause();
    }
  }
}
