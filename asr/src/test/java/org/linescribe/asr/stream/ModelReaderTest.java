package org.linescribe.asr.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.asr.LegAudio;
import org.linescribe.asr.LegReader;

class ModelReaderTest {
  private static final int SAMPLES = 24_000;

  private static LegReader reader(int rateHz, long seed) {
    LegAudio leg = new LegAudio(rateHz);
    Random random = new Random(seed);
    short[] pcm = new short[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      pcm[i] = (short) random.nextInt(1 << 16);
    }
    LegReader reader = leg.reader(0, () -> {});
    leg.append(pcm, 0, SAMPLES, 0);
    return reader;
  }

  private static float[] all(ModelReader reader) {
    float[] out = new float[2 * SAMPLES + 1];
    int got = 0;
    float[] piece = new float[1001];
    for (int read = reader.read(piece, 1000); read > 0; read = reader.read(piece, 1000)) {
      System.arraycopy(piece, 0, out, got, read);
      got += read;
    }
    return Arrays.copyOf(out, got);
  }

  /** A step back, and cuts anywhere, change no bit: that is what replaced the copies. */
  @ParameterizedTest
  @CsvSource({"8000, 16000", "16000, 16000", "16000, 8000"})
  void givesTheSameSamplesAtTheSamePositionAfterAStepBack(int legHz, int modelHz) {
    long seed = 20_261_129;
    float[] expected = all(new ModelReader(reader(legHz, seed), modelHz));
    assertThat(expected).hasSize((int) ((long) SAMPLES * modelHz / legHz));
    ModelReader model = new ModelReader(reader(legHz, seed), modelHz);
    Random random = new Random(seed);
    for (int step = 0; step < 200; step++) {
      long at = random.nextInt(expected.length - 1200) & ~1;
      model.seek(at);
      assertThat(model.position()).isEqualTo(at);
      float[] into = new float[1101];
      int read = model.read(into, 1 + random.nextInt(1100));
      assertThat(Arrays.copyOf(into, read))
          .as("seed %d, step %d", seed, step)
          .isEqualTo(Arrays.copyOfRange(expected, (int) at, (int) at + read));
    }
  }

  @ParameterizedTest
  @CsvSource({"8000, 16000", "16000, 16000", "16000, 8000"})
  void aWindowHoldsTheSamplesOfTheStreamAndThenSilence(int legHz, int modelHz) {
    float[] expected = all(new ModelReader(reader(legHz, 7), modelHz));
    ModelReader model = new ModelReader(reader(legHz, 7), modelHz);
    int from = (int) model.ofLeg(4000);
    int count = (int) model.ofLeg(6000);

    float[] window = model.window(4000, 6000, 2000);

    assertThat(window).hasSize((int) model.ofLeg(8000));
    assertThat(Arrays.copyOf(window, count))
        .isEqualTo(Arrays.copyOfRange(expected, from, from + count));
    assertThat(Arrays.copyOfRange(window, count + 200, window.length)).containsOnly(0f);
  }

  @Test
  void refusesARateThatIsNeitherHalfNorDouble() {
    assertThatThrownBy(() -> new ModelReader(reader(8000, 1), 24_000))
        .hasMessageContaining("modelRateHz: 24000 (expected: 8000 or 16000");
  }
}
