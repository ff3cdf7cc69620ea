package org.linescribe.asr.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StandingQueueTest {
  private final StandingQueue queue = new StandingQueue();

  /** It wraps during a test. */
  private long nowNs = Long.MAX_VALUE - 1_000_000;

  @Test
  void standsOnceNoStreamWasTakenInTimeForAnInterval() {
    assertThat(queue.stands(nowNs)).isFalse();
    for (int ms = 0; ms < 500; ms += 20) {
      take(70, 20);
      assertThat(queue.stands(nowNs)).as("after %d ms", ms).isFalse();
    }
    take(70, 20);
    assertThat(queue.stands(nowNs)).isTrue();
  }

  @Test
  void singleStreamsThatAreHeldUpAreNoStandingQueue() {
    for (int ms = 0; ms < 10_000; ms += 50) {
      take(ms % 400 == 0 ? 5 : 3000, 50);
      assertThat(queue.stands(nowNs)).as("after %d ms", ms).isFalse();
    }
  }

  @Test
  void aProcessThatStoodStillHasNoStandingQueue() {
    take(5, 20);
    take(3000, 3000);
    assertThat(queue.stands(nowNs)).isFalse();
    take(5, 20);
    take(3000, 3000);
    assertThat(queue.stands(nowNs)).isFalse();
  }

  @Test
  void aFewStepsThatWereHeldUpAreNoStandingQueue() {
    for (int step = 1; step < 16; step++) {
      take(300, 160);
      assertThat(queue.stands(nowNs)).as("step %d", step).isFalse();
    }
    take(300, 160);
    assertThat(queue.stands(nowNs)).isTrue();
  }

  @Test
  void longWaitsFarApartAreNoStandingQueue() {
    for (int step = 0; step < 15; step++) {
      take(300, 20);
    }
    take(300, 3_600_000);
    assertThat(queue.stands(nowNs)).isFalse();
  }

  @Test
  void isGoneOnceAStreamWasTakenInTimeAnIntervalLaterThoughOthersWait() {
    standsOnceNoStreamWasTakenInTimeForAnInterval();
    for (int ms = 20; ms < 500; ms += 20) {
      take(10, 20);
      assertThat(queue.stands(nowNs)).as("%d ms in time", ms).isTrue();
    }
    take(70, 20);
    assertThat(queue.stands(nowNs)).isTrue();
    take(10, 20);
    assertThat(queue.stands(nowNs)).isFalse();
    take(70, 20);
    assertThat(queue.stands(nowNs)).as("the interval begins anew").isFalse();
  }

  @Test
  void isGoneWhereNothingIsTakenAnyMore() {
    standsOnceNoStreamWasTakenInTimeForAnInterval();
    nowNs += TimeUnit.MILLISECONDS.toNanos(500);
    assertThat(queue.stands(nowNs)).isFalse();
  }

  private void take(long waitedMs, long laterMs) {
    nowNs += TimeUnit.MILLISECONDS.toNanos(laterMs);
    queue.taken(waitedMs, nowNs);
  }
}
