package org.linescribe.asr.sherpa;

/**
 * The features that Whisper's encoders take: the logarithm of the energy in 80 mel bands, a frame
 * every 10 ms. Of audio at 16 kHz that is brought to mean 0 and variance 1 before.
 *
 * <p>Pure; thread: any. Source: WhisperFeatureExtractor of transformers (Slaney's mel scale, a
 * periodic Hann window of 25 ms, frames centred, the audio mirrored at its ends).
 */
final class WhisperFeatures {
  static final int BANDS = 80;

  private static final int RATE_HZ = 16_000;
  private static final int WINDOW = 400;
  private static final int HOP = 160;
  private static final int BINS = WINDOW / 2 + 1;

  /** Slaney's scale is linear up to here. */
  private static final double LINEAR_HZ = 1000;

  private static final double LINEAR_HZ_PER_MEL = 200.0 / 3;
  private static final double LINEAR_MELS = LINEAR_HZ / LINEAR_HZ_PER_MEL;
  private static final double LOG_STEP = Math.log(6.4) / 27;

  private static final double[] COS = new double[WINDOW];
  private static final double[] SIN = new double[WINDOW];
  private static final double[] HANN = new double[WINDOW];
  private static final double[][] FILTERS = filters();

  /** The first bin that a band hears; those that it hears lie side by side. */
  private static final int[] FIRST = new int[BANDS];

  static {
    for (int i = 0; i < WINDOW; i++) {
      COS[i] = Math.cos(2 * Math.PI * i / WINDOW);
      SIN[i] = -Math.sin(2 * Math.PI * i / WINDOW);
      HANN[i] = 0.5 - 0.5 * COS[i];
    }
    for (int band = 0; band < BANDS; band++) {
      while (FILTERS[band][FIRST[band]] == 0) {
        FIRST[band]++;
      }
    }
  }

  private WhisperFeatures() {}

  /**
   * @param pcm at 16 kHz, at least 25 ms
   * @return bands[80] of frames[pcm.length / 160], band after band
   */
  static float[] of(float[] pcm) {
    float[] wave = normalised(pcm);
    int frames = pcm.length / HOP;
    float[] features = new float[BANDS * frames];
    double[] in = new double[WINDOW];
    double[] re = new double[WINDOW];
    double[] im = new double[WINDOW];
    double[] power = new double[BINS];
    double most = Double.NEGATIVE_INFINITY;
    for (int frame = 0; frame < frames; frame++) {
      for (int i = 0; i < WINDOW; i++) {
        in[i] = HANN[i] * wave[mirrored(frame * HOP + i - WINDOW / 2, wave.length)];
      }
      transform(in, 0, 1, WINDOW, re, im, 0);
      for (int bin = 0; bin < BINS; bin++) {
        power[bin] = re[bin] * re[bin] + im[bin] * im[bin];
      }
      for (int band = 0; band < BANDS; band++) {
        double energy = 0;
        double[] filter = FILTERS[band];
        for (int bin = FIRST[band]; bin < BINS && (filter[bin] > 0 || bin == FIRST[band]); bin++) {
          energy += filter[bin] * power[bin];
        }
        double log = Math.log10(Math.max(1e-10, energy));
        most = Math.max(most, log);
        features[band * frames + frame] = (float) log;
      }
    }
    for (int i = 0; i < features.length; i++) {
      features[i] = (float) ((Math.max(features[i], most - 8) + 4) / 4);
    }
    return features;
  }

  private static float[] normalised(float[] pcm) {
    double sum = 0;
    double squares = 0;
    for (float sample : pcm) {
      sum += sample;
      squares += (double) sample * sample;
    }
    double mean = sum / pcm.length;
    double scale = 1 / Math.sqrt(squares / pcm.length - mean * mean + 1e-7);
    float[] wave = new float[pcm.length];
    for (int i = 0; i < pcm.length; i++) {
      wave[i] = (float) ((pcm[i] - mean) * scale);
    }
    return wave;
  }

  private static int mirrored(int at, int length) {
    int inside = Math.abs(at);
    return inside < length ? inside : 2 * (length - 1) - inside;
  }

  /** Fourier's transform of every {@code step}th sample, by the factors 2 and 5 of the length. */
  private static void transform(
      double[] in, int from, int step, int length, double[] re, double[] im, int into) {
    if (length == 1) {
      re[into] = in[from];
      im[into] = 0;
      return;
    }
    int factor = length % 2 == 0 ? 2 : 5;
    int part = length / factor;
    for (int r = 0; r < factor; r++) {
      transform(in, from + r * step, step * factor, part, re, im, into + r * part);
    }
    double[] sumRe = new double[factor];
    double[] sumIm = new double[factor];
    for (int k = 0; k < part; k++) {
      for (int q = 0; q < factor; q++) {
        sumRe[q] = 0;
        sumIm[q] = 0;
        for (int r = 0; r < factor; r++) {
          int turn = r * (k + q * part) % length * (WINDOW / length);
          double partRe = re[into + r * part + k];
          double partIm = im[into + r * part + k];
          sumRe[q] += partRe * COS[turn] - partIm * SIN[turn];
          sumIm[q] += partRe * SIN[turn] + partIm * COS[turn];
        }
      }
      for (int q = 0; q < factor; q++) {
        re[into + q * part + k] = sumRe[q];
        im[into + q * part + k] = sumIm[q];
      }
    }
  }

  private static double[][] filters() {
    double[] edges = new double[BANDS + 2];
    double most = mel(RATE_HZ / 2.0);
    for (int i = 0; i < edges.length; i++) {
      edges[i] = hertz(most * i / (BANDS + 1));
    }
    double[][] filters = new double[BANDS][BINS];
    for (int band = 0; band < BANDS; band++) {
      double low = edges[band];
      double middle = edges[band + 1];
      double high = edges[band + 2];
      for (int bin = 0; bin < BINS; bin++) {
        double hz = bin * (double) RATE_HZ / WINDOW;
        double slope = Math.min((hz - low) / (middle - low), (high - hz) / (high - middle));
        filters[band][bin] = Math.max(0, slope) * 2 / (high - low);
      }
    }
    return filters;
  }

  private static double mel(double hz) {
    return hz < LINEAR_HZ
        ? hz / LINEAR_HZ_PER_MEL
        : LINEAR_MELS + Math.log(hz / LINEAR_HZ) / LOG_STEP;
  }

  private static double hertz(double mel) {
    return mel < LINEAR_MELS
        ? mel * LINEAR_HZ_PER_MEL
        : LINEAR_HZ * Math.exp((mel - LINEAR_MELS) * LOG_STEP);
  }
}
