package org.linescribe.media.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.linescribe.media.rtp.SourceValidator.Verdict;

final class ReceptionStatisticsTest {
  private static final long MS = 1_000_000L;

  @Test
  void aSourceIsValidAfterTwoPacketsInARow() {
    SourceValidator validator = new SourceValidator();
    assertThat(validator.update(100)).isEqualTo(Verdict.PROBATION);
    assertThat(validator.update(102)).isEqualTo(Verdict.PROBATION);
    assertThat(validator.isValid()).isFalse();
    assertThat(validator.update(103)).isEqualTo(Verdict.VALID);
    assertThat(validator.isValid()).isTrue();
    assertThat(validator.expected()).isEqualTo(1);
    assertThat(validator.received()).isEqualTo(1);
  }

  @Test
  void aNegotiatedPeerIsTrustedAtOnce() {
    SourceValidator validator = new SourceValidator(1);
    assertThat(validator.update(65_535)).isEqualTo(Verdict.VALID);
    assertThat(validator.update(0)).isEqualTo(Verdict.VALID);
    assertThat(validator.extendedHighestSequenceNumber()).isEqualTo(65_536);
    assertThat(validator.expected()).isEqualTo(2);
  }

  @Test
  void aWrapCountsACycle() {
    SourceValidator validator = new SourceValidator(1);
    for (int number = 60_000; number < 60_000 + 3 * 65_536; number++) {
      assertThat(validator.update(number & 0xFFFF)).isEqualTo(Verdict.VALID);
    }
    assertThat(validator.extendedHighestSequenceNumber()).isEqualTo(60_000 + 3 * 65_536 - 1);
    assertThat(validator.expected()).isEqualTo(3 * 65_536);
    assertThat(validator.received()).isEqualTo(3 * 65_536);
  }

  @Test
  void aLargeJumpIsARestartOnlyWhenTheNextNumberFollows() {
    SourceValidator validator = new SourceValidator(1);
    validator.update(10);
    assertThat(validator.update(10 + SourceValidator.MAX_DROPOUT)).isEqualTo(Verdict.JUMPED);
    assertThat(validator.update(11)).isEqualTo(Verdict.VALID);
    assertThat(validator.update(40_000)).isEqualTo(Verdict.JUMPED);
    assertThat(validator.update(40_001)).isEqualTo(Verdict.RESTARTED);
    assertThat(validator.expected()).isEqualTo(1);
    assertThat(validator.update(40_002)).isEqualTo(Verdict.VALID);
  }

  @Test
  void smallStepsBackAreMisorderedAndSmallStepsAheadAreLosses() {
    SourceValidator validator = new SourceValidator(1);
    validator.update(5000);
    assertThat(validator.update(5000 + SourceValidator.MAX_DROPOUT - 1)).isEqualTo(Verdict.VALID);
    assertThat(validator.update(7999)).isEqualTo(Verdict.MISORDERED);
    assertThat(validator.update(7999 - SourceValidator.MAX_MISORDER + 1))
        .isEqualTo(Verdict.MISORDERED);
    assertThat(validator.update(7999 - SourceValidator.MAX_MISORDER)).isEqualTo(Verdict.JUMPED);
  }

  @Test
  void jitterIsZeroOnAnEvenLineAcrossBothWraps() {
    InterarrivalJitter jitter = new InterarrivalJitter(8000);
    long timestamp = 0xFFFF_FFFFL - 320;
    for (int i = 0; i < 1000; i++) {
      jitter.update((timestamp + 160L * i) & 0xFFFF_FFFFL, 20 * MS * i);
    }
    assertThat(jitter.ticks()).isZero();
  }

  @Test
  void jitterFollowsTheRecurrenceOfTheRfc() {
    long seed = 8;
    Random random = new Random(seed);
    InterarrivalJitter jitter = new InterarrivalJitter(8000);
    double expected = 0;
    double transitBefore = 0;
    for (int i = 0; i < 5000; i++) {
      long late = random.nextInt(40);
      jitter.update(160L * i, (20L * i + late) * MS);
      double transit = late * 8.0;
      if (i > 0) {
        expected += (Math.abs(transit - transitBefore) - expected) / 16;
      }
      transitBefore = transit;
    }
    assertThat((double) jitter.ticks()).as("seed %d", seed).isEqualTo(expected, within(2.0));
    assertThat(jitter.ms()).isEqualTo(expected / 8, within(0.25));
  }

  @Test
  void lossesAreOfTheInterval() {
    LossStatistics losses = new LossStatistics();
    assertThat(losses.fractionLost(100, 75)).isEqualTo(64);
    assertThat(losses.fractionLost(200, 175)).isZero();
    assertThat(losses.fractionLost(300, 175)).isEqualTo(255);
    assertThat(losses.fractionLost(300, 175)).isZero();
    assertThat(losses.fractionLost(310, 195)).isZero();
    losses.reset();
    assertThat(losses.fractionLost(2, 1)).isEqualTo(128);
  }

  @Test
  void cumulativeLossStaysWithinItsTwentyFourBits() {
    assertThat(LossStatistics.cumulativeLost(10, 3)).isEqualTo(7);
    assertThat(LossStatistics.cumulativeLost(3, 10)).isEqualTo(-7);
    assertThat(LossStatistics.cumulativeLost(1L << 40, 0)).isEqualTo(0x7F_FFFF);
    assertThat(LossStatistics.cumulativeLost(0, 1L << 40)).isEqualTo(-0x80_0000);
  }

  @Test
  void refusesSettingsOutOfRange() {
    assertThatIllegalArgumentException().isThrownBy(() -> new SourceValidator(0));
    assertThatIllegalArgumentException().isThrownBy(() -> new InterarrivalJitter(0));
  }
}
