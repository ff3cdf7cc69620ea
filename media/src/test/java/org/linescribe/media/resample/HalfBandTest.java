package org.linescribe.media.resample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Measures both filters from outside, by sines and a discrete Fourier transform. */
final class HalfBandTest {
  private static final int LOW_HZ = 8000;
  private static final int HIGH_HZ = 16000;
  private static final int WARM_UP = 400;
  private static final double AMPLITUDE = 0.5;

  @Test
  void doublerPassesTheTelephoneBandWithinHalfADecibel() {
    for (int hz = 20; hz <= 3400; hz += 20) {
      float[] out = doubled(sine(hz, LOW_HZ, LOW_HZ + WARM_UP));
      assertThat(levelDb(out, 2 * WARM_UP, hz, HIGH_HZ)).as("%d Hz", hz).isBetween(-0.5, 0.5);
    }
  }

  @Test
  void doublerKeepsEveryImageSixtyDecibelsDown() {
    for (int hz = 20; hz <= 3400; hz += 20) {
      float[] out = doubled(sine(hz, LOW_HZ, LOW_HZ + WARM_UP));
      assertThat(levelDb(out, 2 * WARM_UP, LOW_HZ - hz, HIGH_HZ)).as("%d Hz", hz).isLessThan(-60);
    }
  }

  @Test
  void doublerAddsNothingElseAnywhereInTheSpectrum() {
    for (int hz : new int[] {300, 1000, 1700, 3400}) {
      float[] out = doubled(sine(hz, LOW_HZ, LOW_HZ + WARM_UP));
      for (int other = 10; other < LOW_HZ; other += 10) {
        if (other != hz) {
          assertThat(levelDb(out, 2 * WARM_UP, other, HIGH_HZ))
              .as("%d Hz in, %d Hz out", hz, other)
              .isLessThan(-60);
        }
      }
    }
  }

  @Test
  void halverPassesTheTelephoneBandWithinHalfADecibel() {
    for (int hz = 20; hz <= 3400; hz += 20) {
      float[] out = halved(sine(hz, HIGH_HZ, HIGH_HZ + 2 * WARM_UP));
      assertThat(levelDb(out, WARM_UP, hz, LOW_HZ)).as("%d Hz", hz).isBetween(-0.5, 0.5);
    }
  }

  @Test
  void halverKeepsAliasesSixtyDecibelsDown() {
    for (int hz = 4600; hz < 8000; hz += 20) {
      float[] out = halved(sine(hz, HIGH_HZ, HIGH_HZ + 2 * WARM_UP));
      assertThat(levelDb(out, WARM_UP, LOW_HZ - hz, LOW_HZ)).as("%d Hz", hz).isLessThan(-60);
    }
  }

  @Test
  void bothDelayAnImpulseByWhatTheySay() {
    float[] impulse = new float[200];
    impulse[40] = 1f;

    float[] doubled = doubled(impulse);
    float[] halved = halved(impulse);

    assertThat(peak(doubled)).isEqualTo(2 * 40 + HalfBandDoubler.DELAY_SAMPLES);
    // 35 samples of the higher rate are 17.5 of the lower: the peak lies between two samples.
    int between = (40 + HalfBandHalver.DELAY_SAMPLES) / 2;
    assertThat(halved[between]).isEqualTo(halved[between + 1], within(1e-6f)).isGreaterThan(0.1f);
  }

  @Test
  void bothPassDirectCurrentUnchanged() {
    float[] ones = new float[400];
    Arrays.fill(ones, 1f);

    float[] doubled = doubled(ones);
    float[] halved = halved(ones);

    assertThat(doubled[700]).isEqualTo(1f, within(1e-5f));
    assertThat(doubled[701]).isEqualTo(1f, within(1e-5f));
    assertThat(halved[150]).isEqualTo(1f, within(1e-4f));
  }

  @Test
  void cuttingTheInputElsewhereChangesNoBit() {
    long seed = 20261;
    Random random = new Random(seed);
    float[] in = new float[5000];
    for (int i = 0; i < in.length; i++) {
      in[i] = random.nextFloat(-1f, 1f);
    }
    float[] wholeDoubled = doubled(in);
    float[] wholeHalved = halved(in);
    for (int round = 0; round < 50; round++) {
      HalfBandDoubler doubler = new HalfBandDoubler();
      HalfBandHalver halver = new HalfBandHalver();
      float[] doubled = new float[wholeDoubled.length];
      float[] halved = new float[wholeHalved.length];
      int toDoubled = 0;
      int toHalved = 0;
      for (int from = 0; from < in.length; ) {
        int length = Math.min(in.length - from, random.nextInt(round < 25 ? 5 : 700));
        toDoubled += doubler.process(in, from, length, doubled, toDoubled);
        toHalved += halver.process(in, from, length, halved, toHalved);
        from += length;
      }
      assertThat(doubled).as("seed %d, round %d", seed, round).isEqualTo(wholeDoubled);
      assertThat(halved).as("seed %d, round %d", seed, round).isEqualTo(wholeHalved);
    }
  }

  @Test
  void halvingADoubledVoiceGivesTheVoiceBack() {
    float[] in = new float[4000];
    for (int i = 0; i < in.length; i++) {
      in[i] = (float) (0.3 * Math.sin(i * 0.7) + 0.2 * Math.sin(i * 1.9 + 1));
    }

    float[] back = halved(doubled(in));

    int delay = (HalfBandDoubler.DELAY_SAMPLES + HalfBandHalver.DELAY_SAMPLES) / 2;
    for (int i = 200; i < 3800; i++) {
      assertThat(back[i]).isEqualTo(in[i - delay], within(2e-3f));
    }
  }

  @Test
  void resetForgetsThePast() {
    HalfBandDoubler doubler = new HalfBandDoubler();
    HalfBandHalver halver = new HalfBandHalver();
    float[] loud = new float[501];
    Arrays.fill(loud, 1f);
    float[] out = new float[1002];
    doubler.process(loud, 0, 501, out, 0);
    halver.process(loud, 0, 501, out, 0);
    doubler.reset();
    halver.reset();

    float[] doubled = new float[100];
    float[] halved = new float[25];
    assertThat(doubler.process(new float[50], 0, 50, doubled, 0)).isEqualTo(100);
    assertThat(halver.process(new float[50], 0, 50, halved, 0)).isEqualTo(25);

    assertThat(doubled).containsOnly(0f);
    assertThat(halved).containsOnly(0f);
  }

  private static float[] sine(int hz, int rateHz, int samples) {
    float[] out = new float[samples];
    for (int i = 0; i < samples; i++) {
      out[i] = (float) (AMPLITUDE * Math.sin(2 * Math.PI * hz * i / rateHz + 0.3));
    }
    return out;
  }

  private static float[] doubled(float[] in) {
    float[] out = new float[2 * in.length];
    assertThat(new HalfBandDoubler().process(in, 0, in.length, out, 0)).isEqualTo(out.length);
    return out;
  }

  private static float[] halved(float[] in) {
    float[] out = new float[(in.length + 1) / 2];
    assertThat(new HalfBandHalver().process(in, 0, in.length, out, 0)).isEqualTo(out.length);
    return out;
  }

  /** Level of one frequency over the last whole second, 0 dB being the amplitude that went in. */
  private static double levelDb(float[] pcm, int from, int hz, int rateHz) {
    double real = 0;
    double imaginary = 0;
    int count = Math.min(rateHz, pcm.length - from) / (rateHz / 10) * (rateHz / 10);
    for (int i = 0; i < count; i++) {
      double angle = 2 * Math.PI * hz * i / rateHz;
      real += pcm[from + i] * Math.cos(angle);
      imaginary += pcm[from + i] * Math.sin(angle);
    }
    return 20 * Math.log10(Math.hypot(real, imaginary) * 2 / count / AMPLITUDE + 1e-12);
  }

  private static int peak(float[] pcm) {
    int at = 0;
    for (int i = 0; i < pcm.length; i++) {
      if (Math.abs(pcm[i]) > Math.abs(pcm[at])) {
        at = i;
      }
    }
    return at;
  }
}
