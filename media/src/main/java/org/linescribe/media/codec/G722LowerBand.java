package org.linescribe.media.codec;

/**
 * The lower sub-band of G.722, as its decoder and its encoder both keep it: the scale of the
 * quantiser and the predictor, adapted by each code. The names of steps are the Recommendation's.
 *
 * <p>Source: ITU-T G.722 (09/2012) §6.2, tables 14 to 21.
 */
final class G722LowerBand {
  /** QM6: the output of the inverse quantiser of 60 levels. */
  private static final int[] STEPS_64 = {
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232,
    -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776,
    -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192,
    10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032,
    1688, 1360, 1040, 728, 432, 136, -432, -136
  };

  /** QM4: the same of 15 levels, for the predictor. */
  private static final int[] STEPS_16 = {
    0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584,
    1200, 0
  };

  /** RL4 and WL: by how much a code changes the logarithmic scale factor. */
  private static final int[] SCALE_CHANGE = {
    -60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60
  };

  /** ILB: 2048 · 2^(n/32). */
  private static final int[] POWERS = {
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
    2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008
  };

  private static final int MAX_LOG_SCALE = 18_432;
  private static final int ZEROS = 6;

  /** Those below are not sent: eight zeros would look like a break of the line. */
  private static final int FIRST_CODE = 4;

  private int logScale;
  private int scale = 32;

  /** The signal as predicted, and the part of it that the zeros predict. */
  private int predicted;

  private int predictedByZeros;

  /** The last differences, and the coefficients of the six zeros. */
  private final int[] differences = new int[ZEROS + 1];

  private final int[] zeros = new int[ZEROS + 1];

  /** Signals before, reconstructed and partially reconstructed, and the two poles. */
  private int signal1;

  private int signal2;
  private int partial1;
  private int partial2;
  private int pole1;
  private int pole2;

  /** The signal that a code of 6 bits stands for, 15 bits; nothing changes. */
  int reconstructed(int code) {
    return Math.clamp(predicted + (scale * STEPS_64[code] >> 15), -16_384, 16_383);
  }

  /** The code whose signal is nearest; the four that no encoder sends are left out. */
  int nearest(int signal) {
    int best = FIRST_CODE;
    int least = Integer.MAX_VALUE;
    for (int code = FIRST_CODE; code < STEPS_64.length; code++) {
      int distance = Math.abs(signal - predicted - (scale * STEPS_64[code] >> 15));
      if (distance < least) {
        least = distance;
        best = code;
      }
    }
    return best;
  }

  /** Goes on to the next sample. */
  void adapt(int code) {
    int coarse = code >> 2;
    int difference = scale * STEPS_16[coarse] >> 15;
    adaptScale(coarse);
    adaptPredictor(difference);
  }

  /** LOGSCL, SCALEL. */
  private void adaptScale(int coarse) {
    logScale = Math.clamp((logScale * 127 >> 7) + SCALE_CHANGE[coarse], 0, MAX_LOG_SCALE);
    int power = POWERS[logScale >> 6 & 31];
    int shift = 8 - (logScale >> 11);
    scale = (shift < 0 ? power << -shift : power >> shift) << 2;
  }

  /** RECONS, PARREC, UPPOL2, UPPOL1, UPZERO, DELAYA, FILTEP, FILTEZ, PREDIC. */
  private void adaptPredictor(int difference) {
    int signal = saturate(predicted + difference);
    int partial = saturate(predictedByZeros + difference);
    boolean like1 = partial < 0 == partial1 < 0;
    boolean like2 = partial < 0 == partial2 < 0;

    int fed = saturate(pole1 << 2);
    int secondPole =
        (like2 ? 128 : -128)
            + (Math.min(like1 ? -fed : fed, Short.MAX_VALUE) >> 7)
            + (pole2 * 32_512 >> 15);
    secondPole = Math.clamp(secondPole, -12_288, 12_288);
    int most = saturate(15_360 - secondPole);
    int firstPole = saturate((like1 ? 192 : -192) + (pole1 * 32_640 >> 15));
    firstPole = Math.clamp(firstPole, -most, most);

    int step = difference == 0 ? 0 : 128;
    for (int i = ZEROS; i > 0; i--) {
      boolean like = differences[i] < 0 == difference < 0;
      int leaked = zeros[i] * 32_640 >> 15;
      zeros[i] = saturate((like ? step : -step) + leaked);
    }
    differences[0] = difference;
    System.arraycopy(differences, 0, differences, 1, ZEROS);
    signal2 = signal1;
    signal1 = signal;
    partial2 = partial1;
    partial1 = partial;
    pole1 = firstPole;
    pole2 = secondPole;

    int byPoles =
        saturate(
            (pole1 * saturate(signal1 + signal1) >> 15)
                + (pole2 * saturate(signal2 + signal2) >> 15));
    int byZeros = 0;
    for (int i = ZEROS; i > 0; i--) {
      byZeros += zeros[i] * saturate(differences[i] + differences[i]) >> 15;
    }
    predictedByZeros = saturate(byZeros);
    predicted = saturate(byPoles + predictedByZeros);
  }

  private static int saturate(int value) {
    return Math.clamp(value, Short.MIN_VALUE, Short.MAX_VALUE);
  }
}
