package org.linescribe.session.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.linescribe.session.SessionId;
import org.linescribe.testsupport.Patience;

/** What every lease keeps to, between two nodes where it spans nodes. */
abstract class SourceLeaseContract {
  static final SessionId ID = new SessionId("call-1");
  static final Duration PATIENT = Patience.LIMIT;

  abstract SourceLease one();

  /** A node of the same fleet; the same where there is only one. */
  abstract SourceLease other();

  @Test
  void firstGrantHoldsUntilItIsReleased() throws Exception {
    SourceLease.Grant grant = one().acquire(ID, "test/", PATIENT, () -> {});

    assertThat(grant.holds()).isTrue();
    assertThat(grant.previousToken()).isZero();
    assertThat(grant.writtenSeq()).isZero();

    grant.release();
    assertThat(grant.holds()).isFalse();
  }

  @Test
  void forgetsNothingWhileSomebodyHoldsTheSession() throws Exception {
    SourceLease.Grant held = one().acquire(ID, "test/", PATIENT, () -> {});
    held.wrote(7);

    assertThat(other().forget(ID)).isFalse();
    assertThat(held.holds()).isTrue();

    held.release();
    await().until(() -> other().forget(ID));
    SourceLease.Grant next = one().acquire(ID, "test/", PATIENT, () -> {});
    assertThat(next.previousToken()).isZero();
    assertThat(next.writtenSeq()).isZero();
  }

  @Test
  void newerSourceAsksTheOlderToFinishAndLearnsItsLastNumber() throws Exception {
    AtomicReference<SourceLease.Grant> older = new AtomicReference<>();
    older.set(
        one()
            .acquire(
                ID,
                "test/",
                PATIENT,
                () -> {
                  older.get().wrote(7);
                  older.get().release();
                }));

    SourceLease.Grant newer = other().acquire(ID, "test/", PATIENT, () -> {});

    assertThat(newer.token()).isGreaterThan(older.get().token());
    assertThat(newer.previousToken()).isEqualTo(older.get().token());
    assertThat(newer.writtenSeq()).isEqualTo(7);
    assertThat(older.get().holds()).isFalse();
    assertThat(newer.holds()).isTrue();
  }

  @Test
  void olderSourceThatDoesNotFinishIsForcedOut() throws Exception {
    AtomicInteger notified = new AtomicInteger();
    SourceLease.Grant older = one().acquire(ID, "test/", PATIENT, notified::incrementAndGet);

    SourceLease.Grant newer = other().acquire(ID, "test/", Duration.ofMillis(200), () -> {});

    assertThat(newer.holds()).isTrue();
    assertThat(older.holds()).isFalse();
    await().untilAsserted(() -> assertThat(notified).hasValue(1));
    older.release();
    assertThat(newer.holds()).isTrue();
  }

  @Test
  void sessionsDoNotDisturbEachOther() throws Exception {
    SourceLease.Grant here = one().acquire(ID, "test/", PATIENT, () -> {});
    SourceLease.Grant there = other().acquire(new SessionId("call-2"), "test/", PATIENT, () -> {});

    assertThat(here.holds()).isTrue();
    assertThat(there.holds()).isTrue();
  }

  @Test
  void neverTwoHoldersWhenManySourcesRace() throws Exception {
    long seed = 20261120;
    Random random = new Random(seed);
    AtomicInteger holders = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger granted = new AtomicInteger();
    try (ExecutorService sources = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        SourceLease node = random.nextBoolean() ? one() : other();
        all.add(
            sources.submit(
                () -> {
                  CompletableFuture<Void> wanted = new CompletableFuture<>();
                  try {
                    SourceLease.Grant grant =
                        node.acquire(ID, "test/", PATIENT, () -> wanted.complete(null));
                    granted.incrementAndGet();
                    most.accumulateAndGet(holders.incrementAndGet(), Math::max);
                    // The newest source is never asked to finish; it ends by itself.
                    wanted.completeOnTimeout(null, 300, java.util.concurrent.TimeUnit.MILLISECONDS);
                    wanted.join();
                    holders.decrementAndGet();
                    grant.release();
                  } catch (LeaseLostException newer) {
                    // a newer source came while this one waited
                  }
                  return null;
                }));
      }
      for (Future<?> source : all) {
        source.get();
      }
    }
    assertThat(granted.get()).as("seed %d", seed).isPositive();
    assertThat(most.get()).as("seed %d", seed).isEqualTo(1);
  }

  @Test
  void holderOfAnotherKindOrOwnerKeepsTheSession() throws Exception {
    SourceLease.Grant call = one().acquire(ID, "sip/trunk", PATIENT, () -> {});

    assertThatThrownBy(() -> other().acquire(ID, "websocket/key", PATIENT, () -> {}))
        .isInstanceOf(LeaseConflictException.class);
    assertThat(call.holds()).isTrue();

    call.release();
    await()
        .untilAsserted(
            () -> {
              SourceLease.Grant later = other().acquire(ID, "websocket/key", PATIENT, () -> {});
              assertThat(later.holds()).isTrue();
              later.release();
            });
  }
}
