package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.testsupport.HumanRecording;

/** Measurements of the bundled model of digits, in a child process as the gateway makes them. */
class ModelSpeedTest {
  private static final Duration SHORT = Duration.ofMillis(200);

  @TempDir private Path data;

  private static Path recording() {
    return HumanRecording.named("pin-jackson-1.wav").file();
  }

  @Test
  void measuresInAChild() throws Exception {
    ModelSpeed.Measured measured =
        ModelSpeed.measureInChild(BundledModel.NAME, data, recording(), SHORT, () -> true)
            .orElseThrow();

    assertThat(measured.coresPerStream()).isBetween(0.0001, 0.9);
    assertThat(measured.realTimeFactor()).isPositive();
    assertThat(measured.took()).isGreaterThanOrEqualTo(SHORT);
    assertThat(measured.audio().toMillis())
        .isCloseTo(
            (long) (measured.took().toMillis() / measured.realTimeFactor()),
            Percentage.withPercentage(5));
  }

  @Test
  void beginsNothingWhereItMayNot() throws Exception {
    assertThat(ModelSpeed.measureInChild(BundledModel.NAME, data, recording(), SHORT, () -> false))
        .isEqualTo(Optional.empty());
  }

  @Test
  void saysWhichModelCannotBeMeasuredAndWhy() {
    assertThatThrownBy(
            () -> ModelSpeed.measureInChild("none-such", data, recording(), SHORT, () -> true))
        .isInstanceOf(RecogniserException.class)
        .hasMessageContaining("none-such cannot be measured")
        .hasMessageContaining("status 1");
  }

  @Test
  void tellsStreamsPerCoreByProcessorTime() {
    ModelSpeed.Measured half =
        new ModelSpeed.Measured(2, 0.35, Duration.ofSeconds(3), Duration.ofSeconds(6));
    assertThat(half.streamsPerCore()).isEqualTo(2);
    assertThat(ModelSpeed.Measured.of(half.line())).isEqualTo(half);
    assertThat(
            new ModelSpeed.Measured(2, 0.8, Duration.ofSeconds(3), Duration.ofSeconds(6))
                .streamsPerCore())
        .isZero();
  }
}
