package org.linescribe.media.resample;

import java.util.Arrays;

/**
 * The low-pass filter that doubler and halver share: linear phase, half-band, Kaiser window.
 *
 * <p>At 16 kHz it passes 0..3.4 kHz within 0.01 dB and stops 4.6..8 kHz by more than 75 dB. Every
 * second coefficient but the middle one is zero, so one of its two polyphase branches is a plain
 * delay: that is what makes half-band filters cheap. Source: Crochiere and Rabiner, Multirate
 * Digital Signal Processing (1983) §4.3; Kaiser's formulas for beta.
 */
final class HalfBand {
  /** Coefficients of the branch that is not a delay. */
  static final int BRANCH_TAPS = 36;

  /** Group delay of the whole filter, in samples of the higher rate. */
  static final int DELAY_SAMPLES = BRANCH_TAPS - 1;

  /** Samples that are filtered at once; bounds the working arrays. */
  static final int BLOCK_SAMPLES = 320;

  private static final double STOP_BAND_DB = 80;
  private static final double BETA = 0.1102 * (STOP_BAND_DB - 8.7);
  private static final float[] BRANCH = branch();

  private HalfBand() {}

  /** The coefficients h[0], h[2], …, h[70], scaled so that their sum is {@code gain}. */
  static float[] branch(double gain) {
    float[] scaled = new float[BRANCH_TAPS];
    for (int j = 0; j < BRANCH_TAPS; j++) {
      scaled[j] = (float) (BRANCH[j] * gain);
    }
    return scaled;
  }

  /**
   * out[i] = Σ taps[j] · line[history + i - j], the taps outside so that the compiler vectorises
   * the inner loop.
   */
  static void filter(float[] taps, float[] line, int count, float[] out) {
    Arrays.fill(out, 0, count, 0f);
    for (int j = 0; j < BRANCH_TAPS; j++) {
      float tap = taps[j];
      int from = BRANCH_TAPS - 1 - j;
      for (int i = 0; i < count; i++) {
        out[i] += tap * line[from + i];
      }
    }
  }

  private static float[] branch() {
    double[] taps = new double[BRANCH_TAPS];
    double sum = 0;
    for (int j = 0; j < BRANCH_TAPS; j++) {
      int fromCentre = 2 * j - DELAY_SAMPLES;
      double ideal = Math.sin(Math.PI * fromCentre / 2) / (Math.PI * fromCentre);
      double position = (double) fromCentre / (DELAY_SAMPLES + 1);
      taps[j] = ideal * bessel0(BETA * Math.sqrt(1 - position * position)) / bessel0(BETA);
      sum += taps[j];
    }
    float[] normalised = new float[BRANCH_TAPS];
    for (int j = 0; j < BRANCH_TAPS; j++) {
      normalised[j] = (float) (taps[j] / sum);
    }
    return normalised;
  }

  /** The modified Bessel function of the first kind, order 0, by its power series. */
  private static double bessel0(double x) {
    double sum = 1;
    double term = 1;
    for (int k = 1; term > sum * 1e-17; k++) {
      term *= x / (2 * k) * (x / (2 * k));
      sum += term;
    }
    return sum;
  }
}
