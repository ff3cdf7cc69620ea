package org.linescribe.media.resample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResamplerTest {
  private static final int TO = 16_000;
  private static final int PEAK = 32_767;

  private static short[] tone(double hz, int rate, int samples) {
    short[] tone = new short[samples];
    for (int i = 0; i < samples; i++) {
      tone[i] = (short) Math.round(PEAK * Math.sin(2 * Math.PI * hz * i / rate));
    }
    return tone;
  }

  private static short[] whole(Resampler resampler, short[] in) {
    short[] out = new short[resampler.maxOutput(in.length) + resampler.maxOutput(0)];
    int written = resampler.process(in, 0, in.length, out, 0);
    written += resampler.drain(out, written);
    return Arrays.copyOf(out, written);
  }

  /** Gain of a tone in decibels, away from the edges. */
  private static double gainDb(short[] out) {
    double sum = 0;
    int from = out.length / 4;
    int to = 3 * out.length / 4;
    for (int i = from; i < to; i++) {
      sum += (double) out[i] * out[i];
    }
    return 10 * Math.log10(Math.max(1e-20, sum / (to - from) / (0.5 * PEAK * PEAK)));
  }

  @ParameterizedTest
  @ValueSource(ints = {22_050, 44_100, 48_000, 11_025, 32_000, 96_000})
  void passesSpeechUnchangedAtItsTrueTime(int from) {
    for (double hz : new double[] {100, 1000, 3400, Math.min(7000, 0.43 * from)}) {
      Resampler resampler = new Resampler(from, TO);
      short[] out = whole(resampler, tone(hz, from, from));
      assertThat(gainDb(out)).as("%s Hz", hz).isCloseTo(0, Offset.offset(0.1));
      short[] ideal = tone(hz, TO, out.length);
      for (int i = out.length / 4; i < 3 * out.length / 4; i++) {
        assertThat((double) out[i]).isCloseTo(ideal[i], Offset.offset(0.02 * PEAK));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {22_050, 44_100, 48_000})
  void stopsWhatWouldBeFoldedIntoSpeech(int from) {
    for (double hz = 8100; hz < from / 2.0; hz += 473) {
      short[] out = whole(new Resampler(from, TO), tone(hz, from, from));
      assertThat(gainDb(out)).as("%s Hz", hz).isLessThan(-75);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {22_050, 44_100, 48_000, 11_025})
  void changesNoBitWhereverTheInputIsCut(int from) {
    long seed = 20_261_120;
    Random random = new Random(seed);
    short[] in = new short[30_000];
    for (int i = 0; i < in.length; i++) {
      in[i] = (short) random.nextInt(1 << 16);
    }
    short[] expected = whole(new Resampler(from, TO), in);

    Resampler resampler = new Resampler(from, TO);
    short[] out = new short[expected.length + 16];
    int written = 0;
    for (int at = 0; at < in.length; ) {
      int length = Math.min(in.length - at, random.nextInt(2000));
      written += resampler.process(in, at, length, out, written);
      at += length;
    }
    written += resampler.drain(out, written);

    assertThat(Arrays.copyOf(out, written)).as("seed %d", seed).isEqualTo(expected);
    assertThat(written).isEqualTo((int) Math.ceil(in.length * (double) TO / from));
  }

  @Test
  void holdsBackNoMoreThanThreeMilliseconds() {
    for (int from : new int[] {22_050, 44_100, 48_000}) {
      Resampler resampler = new Resampler(from, TO);
      short[] out = new short[resampler.maxOutput(from)];
      int written = resampler.process(new short[from], 0, from, out, 0);
      assertThat(TO - written).isLessThanOrEqualTo(TO * 3 / 1000);
    }
  }

  @Test
  void beginsAnewAfterTheDrain() {
    Resampler resampler = new Resampler(44_100, TO);
    short[] in = tone(440, 44_100, 4411);
    short[] first = whole(resampler, in);
    assertThat(whole(resampler, in)).isEqualTo(first);
  }

  @Test
  void refusesRatesThatItCannotServe() {
    assertThatThrownBy(() -> new Resampler(0, TO)).hasMessageContaining("expected");
    assertThatThrownBy(() -> new Resampler(16_001, 16_003)).hasMessageContaining("ratio");
  }
}
