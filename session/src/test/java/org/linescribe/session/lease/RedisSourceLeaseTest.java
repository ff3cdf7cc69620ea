package org.linescribe.session.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.testsupport.servers.CuttableProxy;
import org.linescribe.testsupport.servers.OwnRedis;
import org.linescribe.testsupport.servers.TestRedis;

/** Two nodes on one real Redis, one of them by way of a proxy. */
class RedisSourceLeaseTest extends SourceLeaseContract {
  /** A Redis that is slow because the machine is must not count as one that is away. */
  private static final Duration SLOW_MACHINE = Duration.ofSeconds(30);

  private final TestRedis redis = server();
  private final CuttableProxy way = new CuttableProxy(redis.port());
  private RedisNode oneNode;
  private RedisNode otherNode;
  private SourceLease one;
  private SourceLease other;

  TestRedis server() {
    return new OwnRedis();
  }

  @BeforeEach
  void connect() {
    oneNode = RedisNode.connect("redis://127.0.0.1:" + way.port(), SLOW_MACHINE);
    otherNode = RedisNode.connect(redis.url(), SLOW_MACHINE);
    one = new RedisSourceLease(oneNode, Clock.systemUTC(), SLOW_MACHINE);
    other = new RedisSourceLease(otherNode, Clock.systemUTC(), SLOW_MACHINE);
    await().until(() -> one.isReachable() && other.isReachable());
  }

  @AfterEach
  void close() {
    one.close();
    other.close();
    oneNode.close();
    otherNode.close();
    way.close();
    redis.close();
  }

  @Override
  SourceLease one() {
    return one;
  }

  @Override
  SourceLease other() {
    return other;
  }

  @Test
  void tellsAHolderOnAnotherNodeFromOneHere() throws Exception {
    assertThat(one.isHeldElsewhere(ID)).isFalse();
    SourceLease.Grant grant = one.acquire(ID, "test/", PATIENT, () -> {});

    assertThat(other.isHeldElsewhere(ID)).isTrue();
    assertThat(one.isHeldElsewhere(ID)).isFalse();
    grant.release();
    await().untilAsserted(() -> assertThat(other.isHeldElsewhere(ID)).isFalse());
  }

  @Test
  void nodeWithoutRedisGoesOnAloneAndIsRegisteredWhenItIsBack() throws Exception {
    way.cut();
    await().until(() -> !one.isReachable());

    SourceLease.Grant alone = one.acquire(ID, "test/", PATIENT, () -> {});
    assertThat(alone.holds()).isTrue();

    way.mend();
    await().until(one::isReachable);
    assertThat(alone.holds()).isTrue();
    SourceLease.Grant newer = other.acquire(ID, "test/", Duration.ofMillis(200), () -> {});
    assertThat(newer.previousToken()).isEqualTo(alone.token());
    assertThat(alone.holds()).isFalse();
  }

  @Test
  void aSourceThatFollowsAnotherOfItsNodeWhileRedisIsAwayKeepsTheSession() throws Exception {
    AtomicInteger notified = new AtomicInteger();
    SourceLease.Grant first = one.acquire(ID, "test/", PATIENT, () -> {});
    way.cut();
    await().until(() -> !one.isReachable());
    first.release();
    SourceLease.Grant second = one.acquire(ID, "test/", PATIENT, notified::incrementAndGet);

    way.mend();
    await().until(one::isReachable);

    assertThat(second.holds()).isTrue();
    assertThat(second.isConfirmed()).isTrue();
    assertThat(notified).hasValue(0);
    SourceLease.Grant newer = other.acquire(ID, "test/", Duration.ofMillis(200), () -> {});
    assertThat(newer.previousToken()).isEqualTo(second.token());
    assertThat(second.holds()).isFalse();
  }

  @Test
  void itKeepsTheSessionAlsoWhereTheClockOfRedisIsAhead() throws Exception {
    Clock behind = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-1));
    try (SourceLease late = new RedisSourceLease(oneNode, behind, SLOW_MACHINE)) {
      late.acquire(ID, "test/", PATIENT, () -> {}).release();
      way.cut();
      await().until(() -> !late.isReachable());
      SourceLease.Grant alone = late.acquire(ID, "test/", PATIENT, () -> {});

      way.mend();
      await().until(late::isReachable);

      assertThat(alone.holds()).isTrue();
    }
  }

  @Test
  void numberThatWasWrittenWhileRedisWasAwayIsKnownToTheNextHolder() throws Exception {
    SourceLease.Grant grant = one.acquire(ID, "test/", PATIENT, () -> {});
    way.cut();
    await().until(() -> !one.isReachable());
    grant.wrote(7);
    way.mend();
    await().until(one::isReachable);

    grant.release();

    assertThat(other.acquire(ID, "test/", PATIENT, () -> {}).writtenSeq()).isEqualTo(7);
  }

  @Test
  void nodeThatWasCutOffLearnsThatItLostTheSession() throws Exception {
    AtomicInteger notified = new AtomicInteger();
    SourceLease.Grant cutOff = one.acquire(ID, "test/", PATIENT, notified::incrementAndGet);
    way.cut();
    await().until(() -> !one.isReachable());
    SourceLease.Grant newer = other.acquire(ID, "test/", Duration.ofMillis(200), () -> {});

    way.mend();

    await().until(() -> notified.get() == 1);
    assertThat(cutOff.holds()).isFalse();
    assertThat(newer.holds()).isTrue();
  }
}
