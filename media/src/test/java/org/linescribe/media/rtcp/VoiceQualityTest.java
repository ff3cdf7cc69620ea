package org.linescribe.media.rtcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VoiceQualityTest {
  /** R of 93.2 is 4.41; the others are the formulas of G.107, worked out apart from this code. */
  @ParameterizedTest
  @CsvSource({"0, 0, 4.41", "0.01, 0, 3.83", "0.02, 0, 3.26", "0.05, 0, 2.17", "0, 150, 4.33"})
  void followsTheEModel(double loss, double delayMs, double mos) {
    assertThat(VoiceQuality.mos(loss, delayMs)).isCloseTo(mos, within(0.01));
  }

  @Test
  void neverLeavesItsScale() {
    for (double loss = 0; loss <= 1; loss += 0.01) {
      for (int delayMs = 0; delayMs < 2000; delayMs += 50) {
        assertThat(VoiceQuality.mos(loss, delayMs)).isBetween(1.0, 4.5);
      }
    }
    assertThat(VoiceQuality.mos(-1, -1)).isEqualTo(VoiceQuality.mos(0, 0));
  }
}
