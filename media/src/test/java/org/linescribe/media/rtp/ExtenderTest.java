package org.linescribe.media.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class ExtenderTest {
  @Test
  void sequenceNumbersGoOnAcrossManyWraps() {
    SequenceNumberExtender extender = new SequenceNumberExtender();
    for (long number = 65_000; number < 65_000 + 5 * 65_536; number += 7) {
      assertThat(extender.extend((int) (number & 0xFFFF))).isEqualTo(number);
    }
  }

  @Test
  void timestampsGoOnAcrossManyWraps() {
    TimestampExtender extender = new TimestampExtender();
    for (long ticks = 0xFFFF_0000L; ticks < 5L << 32; ticks += 123_456_789) {
      assertThat(extender.extend(ticks & 0xFFFF_FFFFL)).isEqualTo(ticks);
    }
  }

  @Test
  void latecomersFromBeforeAWrapKeepTheirOldNumber() {
    SequenceNumberExtender extender = new SequenceNumberExtender();
    assertThat(extender.extend(65_535)).isEqualTo(65_535);
    assertThat(extender.extend(1)).isEqualTo(65_537);
    assertThat(extender.extend(65_534)).isEqualTo(65_534);
    assertThat(extender.extend(0)).isEqualTo(65_536);
    assertThat(extender.highest()).isEqualTo(65_537);
  }

  @Test
  void whatCameBeforeTheFirstIsNegative() {
    SequenceNumberExtender numbers = new SequenceNumberExtender();
    TimestampExtender timestamps = new TimestampExtender();
    numbers.extend(0);
    timestamps.extend(0);

    assertThat(numbers.extend(65_535)).isEqualTo(-1);
    assertThat(timestamps.extend(0xFFFF_FF60L)).isEqualTo(-160);
  }

  @Test
  void previewRemembersNothing() {
    SequenceNumberExtender numbers = new SequenceNumberExtender();
    TimestampExtender timestamps = new TimestampExtender();
    assertThat(numbers.preview(5)).isEqualTo(5);
    assertThat(timestamps.preview(5)).isEqualTo(5);
    numbers.extend(10);
    timestamps.extend(10);

    assertThat(numbers.preview(32_000)).isEqualTo(32_000);
    assertThat(timestamps.preview(2_000_000_000L)).isEqualTo(2_000_000_000L);
    assertThat(numbers.highest()).isEqualTo(10);
    assertThat(timestamps.highest()).isEqualTo(10);
  }

  @Test
  void halfTheRangeAheadIsTheLastThatCountsAsAhead() {
    SequenceNumberExtender numbers = new SequenceNumberExtender();
    numbers.extend(100_000 & 0xFFFF);
    long base = numbers.highest();
    assertThat(numbers.preview((int) (base + 0x8000) & 0xFFFF)).isEqualTo(base + 0x8000);
    assertThat(numbers.preview((int) (base + 0x8001) & 0xFFFF)).isEqualTo(base - 0x7FFF);
    numbers.reset();
    assertThat(numbers.extend(3)).isEqualTo(3);
  }

  @Test
  void shuffledNeighboursAllGetTheirTrueNumber() {
    long seed = 1982;
    Random random = new Random(seed);
    SequenceNumberExtender extender = new SequenceNumberExtender();
    TimestampExtender timestamps = new TimestampExtender();
    extender.extend(0);
    timestamps.extend(0);
    for (long round = 0; round < 100_000; round++) {
      long number = round * 50 + random.nextInt(1000);
      assertThat(extender.extend((int) (number & 0xFFFF))).as("seed %d", seed).isEqualTo(number);
      long ticks = number * 40_000;
      assertThat(timestamps.extend(ticks & 0xFFFF_FFFFL)).as("seed %d", seed).isEqualTo(ticks);
    }
  }
}
