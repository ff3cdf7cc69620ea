package org.linescribe.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private static final long SECOND_NS = 1_000_000_000L;

  @Test
  void givesItsBurstAtOnceAndThenTellsHowLongToWait() {
    TokenBucket bucket = new TokenBucket(4, 2, 0);
    assertThat(bucket.takeOrWaitNs(0)).isZero();
    assertThat(bucket.takeOrWaitNs(0)).isZero();
    assertThat(bucket.takeOrWaitNs(0)).isEqualTo(SECOND_NS / 4);
    assertThat(bucket.takeOrWaitNs(SECOND_NS / 8)).isEqualTo(SECOND_NS / 8);
    assertThat(bucket.takeOrWaitNs(SECOND_NS / 4)).isZero();
    assertThat(bucket.takeOrWaitNs(SECOND_NS / 4)).isEqualTo(SECOND_NS / 4);
  }

  @Test
  void keepsNoMoreThanItsBurstOverAnyTime() {
    TokenBucket bucket = new TokenBucket(100, 3, 0);
    long muchLaterNs = Long.MAX_VALUE / 2;
    for (int n = 0; n < 3; n++) {
      assertThat(bucket.takeOrWaitNs(muchLaterNs)).isZero();
    }
    assertThat(bucket.takeOrWaitNs(muchLaterNs)).isPositive();
  }

  @Test
  void survivesAClockThatWrapsOrStepsBack() {
    TokenBucket bucket = new TokenBucket(1, 1, Long.MAX_VALUE);
    assertThat(bucket.takeOrWaitNs(Long.MAX_VALUE)).isZero();
    assertThat(bucket.takeOrWaitNs(Long.MAX_VALUE - SECOND_NS)).isPositive();
    assertThat(bucket.takeOrWaitNs(Long.MAX_VALUE + SECOND_NS)).isZero();
  }

  @Test
  void neverGivesMoreThanRateAndBurstAllow() {
    long seed = 20_260_101L;
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 200; round++) {
      int rate = random.nextInt(1, 50);
      int burst = random.nextInt(1, 20);
      TokenBucket bucket = new TokenBucket(rate, burst, 0);
      long nowNs = 0;
      long taken = 0;
      for (int n = 0; n < 500; n++) {
        nowNs += random.nextLong(SECOND_NS / 20);
        if (bucket.takeOrWaitNs(nowNs) == 0) {
          taken++;
        }
      }
      double most = burst + (double) nowNs / SECOND_NS * rate * 1.001 + 1;
      assertThat((double) taken).as("seed %d, round %d", seed, round).isLessThanOrEqualTo(most);
    }
  }
}
