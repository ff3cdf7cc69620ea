package org.linescribe.asr.sherpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.media.wav.WavReader;
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
    // Whole rounds of the recording.
    long roundMs;
    try (WavReader reader = WavReader.open(recording())) {
      roundMs = reader.readAll(60 * 8000).length * 1000L / 8000;
    }
    double rounds = measured.audio().toMillis() / (double) roundMs;
    assertThat(rounds).isGreaterThan(0.9).isCloseTo(Math.rint(rounds), within(0.05));
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

  /** A model's trial is a process of the child's. */
  @Test
  void leavesNoProcessOfAChildThatItKills() throws Exception {
    Process child = new ProcessBuilder("/bin/sh", "-c", "sleep 600 & wait").start();
    await().until(() -> child.descendants().findAny().isPresent());
    List<ProcessHandle> started = child.descendants().toList();

    ModelSpeed.kill(child);

    assertThat(child.isAlive()).isFalse();
    assertThat(started).isNotEmpty().noneMatch(ProcessHandle::isAlive);
  }

  /** A stream that fails reads no more, so that its audio never has space again. */
  private static final class Failing implements Recogniser {
    @Override
    public RecogniserInfo info() {
      throw new UnsupportedOperationException();
    }

    @Override
    public RecogniserLoad load() {
      throw new UnsupportedOperationException();
    }

    @Override
    public RecogniserStream open(
        LegReader audio, StreamOptions options, RecogniserListener listener) {
      listener.onFailure(new RecogniserException("no memory"));
      return new RecogniserStream() {
        @Override
        public CompletionStage<Void> flush() {
          return CompletableFuture.failedFuture(new RecogniserException("flushed"));
        }

        @Override
        public void close() {
          audio.close();
        }
      };
    }

    @Override
    public void close() {}
  }

  @Test
  @Timeout(60)
  void saysWhyADecoderFailedAndGoesOnNoMore() {
    assertThatThrownBy(() -> ModelSpeed.measure(new Failing(), new short[5 * 8000], 8000, SHORT))
        .isInstanceOf(RecogniserException.class)
        .hasMessage("the recording could not be decoded: no memory");
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
