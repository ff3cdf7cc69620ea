package org.linescribe.media.resample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Measures both directions from outside, by sines and a discrete Fourier transform. */
final class TelephonyResamplerTest {
  private static final int LOW_HZ = 8000;
  private static final int HIGH_HZ = 16000;
  private static final int DELAY = 36;
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
  void bothDelayAnImpulseByThirtySixSamplesOfTheHigherRate() {
    short[] impulse = new short[200];
    impulse[40] = 32_767;

    assertThat(peak(doubled(impulse))).isEqualTo(2 * 40 + DELAY);
    assertThat(peak(halved(impulse))).isEqualTo((40 + DELAY) / 2);
  }

  @Test
  void bothPassDirectCurrentUnchanged() {
    short[] half = new short[400];
    Arrays.fill(half, (short) 16_384);

    float[] doubled = doubled(half);
    float[] halved = halved(half);

    assertThat(doubled[700]).isEqualTo(0.5f, within(1e-5f));
    assertThat(doubled[701]).isEqualTo(0.5f, within(1e-5f));
    assertThat(halved[150]).isEqualTo(0.5f, within(1e-4f));
  }

  @Test
  void cuttingTheInputElsewhereChangesNoBit() {
    long seed = 20261;
    Random random = new Random(seed);
    short[] in = new short[5000];
    for (int i = 0; i < in.length; i++) {
      in[i] = (short) random.nextInt(1 << 16);
    }
    float[] wholeDoubled = doubled(in);
    float[] wholeHalved = halved(in);
    for (int round = 0; round < 50; round++) {
      Resampler doubler = Resampler.telephony(LOW_HZ, HIGH_HZ);
      Resampler halver = Resampler.telephony(HIGH_HZ, LOW_HZ);
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
  void halvingDoubledAudioGivesItBack() {
    short[] in = new short[4000];
    for (int i = 0; i < in.length; i++) {
      in[i] = (short) (32_768 * (0.3 * Math.sin(i * 0.7) + 0.2 * Math.sin(i * 1.9 + 1)));
    }
    short[] doubled = new short[2 * in.length + 100];
    int count = Resampler.telephony(LOW_HZ, HIGH_HZ).process(in, 0, in.length, doubled, 0);

    float[] back = halved(Arrays.copyOf(doubled, count));

    for (int i = 200; i < 3800; i++) {
      assertThat(back[i]).isEqualTo(in[i - DELAY] / 32768f, within(2e-3f));
    }
  }

  @Test
  void resetForgetsThePast() {
    Resampler doubler = Resampler.telephony(LOW_HZ, HIGH_HZ);
    Resampler halver = Resampler.telephony(HIGH_HZ, LOW_HZ);
    short[] loud = new short[501];
    Arrays.fill(loud, (short) 30_000);
    float[] out = new float[1002];
    doubler.process(loud, 0, 501, out, 0);
    halver.process(loud, 0, 501, out, 0);
    doubler.reset();
    halver.reset();

    float[] doubled = new float[100];
    float[] halved = new float[25];
    assertThat(doubler.process(new short[50], 0, 50, doubled, 0)).isEqualTo(100);
    assertThat(halver.process(new short[50], 0, 50, halved, 0)).isEqualTo(25);

    assertThat(doubled).containsOnly(0f);
    assertThat(halved).containsOnly(0f);
  }

  @Test
  void serveOnlyARateAndItsDouble() {
    assertThatThrownBy(() -> Resampler.telephony(8000, 24_000))
        .hasMessage("rates: 8000 to 24000 Hz (expected: one twice the other)");
  }

  private static short[] sine(int hz, int rateHz, int samples) {
    short[] out = new short[samples];
    for (int i = 0; i < samples; i++) {
      out[i] =
          (short) Math.round(32_768 * AMPLITUDE * Math.sin(2 * Math.PI * hz * i / rateHz + 0.3));
    }
    return out;
  }

  private static float[] doubled(short[] in) {
    float[] out = new float[2 * in.length];
    assertThat(Resampler.telephony(LOW_HZ, HIGH_HZ).process(in, 0, in.length, out, 0))
        .isEqualTo(out.length);
    return out;
  }

  private static float[] halved(short[] in) {
    float[] out = new float[(in.length + 1) / 2];
    assertThat(Resampler.telephony(HIGH_HZ, LOW_HZ).process(in, 0, in.length, out, 0))
        .isEqualTo(out.length);
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
