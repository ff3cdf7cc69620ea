package org.linescribe.media.jitter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.media.jitter.SimulatedCall.Impairment;

/** Properties over seeded bad lines; the seed stands in every failure. */
final class JitterBufferPropertyTest {
  private static final int TWENTY_MS = 160;

  @ParameterizedTest
  @ValueSource(ints = {10, 20, 30, 40, 50, 60})
  void timelineIsTrueOnABadLineAtEveryPacketLength(int ptimeMs) {
    for (long seed = 1; seed <= 20; seed++) {
      assertTrueTimeline(seed, Impairment.BAD, 20, 0, ptimeMs);
    }
  }

  @ParameterizedTest
  @CsvSource({"200", "-200", "50", "-50"})
  void timelineIsTrueWhenTheSendersClockIsSkewed(double skewPpm) {
    for (long seed = 100; seed < 103; seed++) {
      assertTrueTimeline(seed, Impairment.BAD, 300, skewPpm, 20);
    }
  }

  @Test
  void timelineIsTrueWhenThePacketLengthChangesInMidStream() {
    for (long seed = 200; seed < 220; seed++) {
      assertTrueTimeline(seed, Impairment.BAD, 20, 0, 20, 60, 10, 40, 30, 50);
    }
  }

  @Test
  void timelineIsTrueUnderManySeeds() {
    for (long seed = 1_000; seed < 1_200; seed++) {
      assertTrueTimeline(seed, Impairment.BAD, 30, 0, 20);
    }
  }

  @Test
  void nothingIsLostWhereOnlyTheOrderSuffers() {
    for (long seed = 300; seed < 340; seed++) {
      SimulatedCall call = new SimulatedCall();
      double endMs = call.talk(new Random(seed), new Impairment(0, 0.1, 0.1, 40), 10, 0, 20);

      call.runTo(endMs + 55).finish(endMs);

      assertThat(call.audioSamples()).as("seed %d", seed).isEqualTo(80_000);
      assertThat(call.counters().lost()).as("seed %d", seed).isZero();
      assertThat(call.counters().late()).as("seed %d", seed).isZero();
      assertThat(call.counters().reordered()).as("seed %d", seed).isPositive();
      call.assertEverySampleInItsPlace("seed " + seed);
    }
  }

  @Test
  void losesNoMoreThanTheLineDid() {
    for (long seed = 400; seed < 420; seed++) {
      SimulatedCall call = new SimulatedCall();
      double endMs = call.talk(new Random(seed), Impairment.BAD, 20, 0, 20);

      call.runTo(endMs + 55).finish(endMs);

      JitterCounters counters = call.counters();
      long packets = 1000;
      // What is lost at the very end leaves no gap in the sequence.
      assertThat(counters.audioSamples())
          .as("seed %d", seed)
          .isGreaterThanOrEqualTo((packets - counters.lost() - 4) * TWENTY_MS);
      assertThat(counters.late()).as("seed %d", seed).isZero();
      assertThat(counters.audioSamples() + counters.lostSamples() + counters.silentSamples())
          .as("seed %d", seed)
          .isEqualTo(call.lengthSamples());
    }
  }

  private static void assertTrueTimeline(
      long seed, Impairment bad, double seconds, double skewPpm, int... ptimesMs) {
    SimulatedCall call = new SimulatedCall();
    Random dice = new Random(seed);
    call.sequenceNumber = 65_500 + dice.nextInt(36);
    call.timestamp = 0xFFFF_FFFFL - dice.nextInt(100_000);
    double endMs = call.talk(dice, bad, seconds, skewPpm, ptimesMs);

    call.runTo(endMs + 55);
    call.finish(endMs);

    String context = "seed " + seed;
    call.assertEverySampleInItsPlace(context);
    long trueSamples = Math.round(endMs * 8 * (1 + skewPpm / 1e6));
    assertThat(call.lengthSamples() - trueSamples)
        .as(context)
        .isBetween((long) -TWENTY_MS, (long) TWENTY_MS);
  }
}
