package org.linescribe.session.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.session.Patience.await;

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
import org.linescribe.session.Patience;
import org.linescribe.session.SessionId;

/** What every lease keeps to, between two nodes where it spans nodes. */
abstract class SourceLeaseContract {
  static final SessionId ID = new SessionId("call-1");
  static final Duration PATIENT = Patience.PATIENCE;

  abstract SourceLease one();

  /** A node of the same fleet; the same where there is only one. */
  abstract SourceLease other();

  @Test
  void firstGrantHoldsUntilItIsReleased() throws Exception {
    SourceLease.Grant grant = one().acquire(ID, PATIENT, () -> {});

    assertThat(grant.holds()).isTrue();
    assertThat(grant.previousToken()).isZero();
    assertThat(grant.writtenSeq()).isZero();

    grant.release();
    assertThat(grant.holds()).isFalse();
  }

  @Test
  void newerSourceAsksTheOlderToFinishAndLearnsItsLastNumber() throws Exception {
    AtomicReference<SourceLease.Grant> older = new AtomicReference<>();
    older.set(
        one()
            .acquire(
                ID,
                PATIENT,
                () -> {
                  older.get().wrote(7);
                  older.get().release();
                }));

    SourceLease.Grant newer = other().acquire(ID, PATIENT, () -> {});

    assertThat(newer.token()).isGreaterThan(older.get().token());
    assertThat(newer.previousToken()).isEqualTo(older.get().token());
    assertThat(newer.writtenSeq()).isEqualTo(7);
    assertThat(older.get().holds()).isFalse();
    assertThat(newer.holds()).isTrue();
  }

  @Test
  void olderSourceThatDoesNotFinishIsForcedOut() throws Exception {
    AtomicInteger told = new AtomicInteger();
    SourceLease.Grant older = one().acquire(ID, PATIENT, told::incrementAndGet);

    SourceLease.Grant newer = other().acquire(ID, Duration.ofMillis(200), () -> {});

    assertThat(newer.holds()).isTrue();
    assertThat(older.holds()).isFalse();
    await().untilAsserted(() -> assertThat(told).hasValue(1));
    older.release();
    assertThat(newer.holds()).isTrue();
  }

  @Test
  void sessionsDoNotDisturbEachOther() throws Exception {
    SourceLease.Grant here = one().acquire(ID, PATIENT, () -> {});
    SourceLease.Grant there = other().acquire(new SessionId("call-2"), PATIENT, () -> {});

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
                        node.acquire(ID, PATIENT, () -> wanted.complete(null));
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
}
