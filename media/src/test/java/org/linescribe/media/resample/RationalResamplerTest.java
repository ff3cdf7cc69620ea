package org.linescribe.media.resample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RationalResamplerTest {
  private static final int TO = 16_000;

  private static float[] tone(double hz, int rate, int samples) {
    float[] tone = new float[samples];
    for (int i = 0; i < samples; i++) {
      tone[i] = (float) Math.sin(2 * Math.PI * hz * i / rate);
    }
    return tone;
  }

  private static float[] whole(RationalResampler resampler, float[] in) {
    float[] out = new float[resampler.maxOutput(in.length) + resampler.maxOutput(0)];
    int written = resampler.process(in, 0, in.length, out, 0);
    written += resampler.drain(out, written);
    return Arrays.copyOf(out, written);
  }

  /** Gain of a tone in decibels, away from the edges. */
  private static double gainDb(float[] out) {
    double sum = 0;
    int from = out.length / 4;
    int to = 3 * out.length / 4;
    for (int i = from; i < to; i++) {
      sum += out[i] * out[i];
    }
    return 10 * Math.log10(Math.max(1e-20, sum / (to - from)) / 0.5);
  }

  @ParameterizedTest
  @ValueSource(ints = {22_050, 44_100, 48_000, 11_025, 32_000, 96_000})
  void passesSpeechUnchangedAtItsTrueTime(int from) {
    for (double hz : new double[] {100, 1000, 3400, Math.min(7000, 0.43 * from)}) {
      RationalResampler resampler = new RationalResampler(from, TO);
      float[] out = whole(resampler, tone(hz, from, from));
      assertThat(gainDb(out)).as("%s Hz", hz).isCloseTo(0, Offset.offset(0.1));
      float[] ideal = tone(hz, TO, out.length);
      for (int i = out.length / 4; i < 3 * out.length / 4; i++) {
        assertThat(out[i]).isCloseTo(ideal[i], Offset.offset(0.02f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {22_050, 44_100, 48_000})
  void stopsWhatWouldBeFoldedIntoSpeech(int from) {
    for (double hz = 8100; hz < from / 2.0; hz += 473) {
      float[] out = whole(new RationalResampler(from, TO), tone(hz, from, from));
      assertThat(gainDb(out)).as("%s Hz", hz).isLessThan(-75);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {22_050, 44_100, 48_000, 11_025})
  void changesNoBitWhereverTheInputIsCut(int from) {
    long seed = 20_261_120;
    Random random = new Random(seed);
    float[] in = new float[30_000];
    for (int i = 0; i < in.length; i++) {
      in[i] = random.nextFloat() * 2 - 1;
    }
    float[] expected = whole(new RationalResampler(from, TO), in);

    RationalResampler resampler = new RationalResampler(from, TO);
    float[] out = new float[expected.length + 16];
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
      RationalResampler resampler = new RationalResampler(from, TO);
      float[] out = new float[resampler.maxOutput(from)];
      int written = resampler.process(new float[from], 0, from, out, 0);
      assertThat(TO - written).isLessThanOrEqualTo(TO * 3 / 1000);
    }
  }

  @Test
  void beginsAnewAfterTheDrain() {
    RationalResampler resampler = new RationalResampler(44_100, TO);
    float[] in = tone(440, 44_100, 4411);
    float[] first = whole(resampler, in);
    assertThat(whole(resampler, in)).isEqualTo(first);
  }

  @Test
  void refusesRatesThatItCannotServe() {
    assertThatThrownBy(() -> new RationalResampler(0, TO)).hasMessageContaining("expected");
    assertThatThrownBy(() -> new RationalResampler(16_001, 16_003)).hasMessageContaining("ratio");
  }
}
