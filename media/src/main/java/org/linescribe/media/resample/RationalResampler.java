package org.linescribe.media.resample;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Brings audio of a sound card's rate (22.05, 44.1, 48 kHz) to a recogniser's, by any ratio of
 * whole numbers: a low-pass of linear phase, one row of its coefficients for each position that an
 * output sample can have between two of the input.
 *
 * <p>To 16 kHz, signal up to 7 kHz passes within ±0.1 dB and what would be folded under 7 kHz is at
 * least 75 dB down. An output sample waits for {@link #lookAheadSamples} of the input, 3 ms, and
 * stands at its true time: the output does not lag. {@link #drain} brings out the last of it, so
 * that nothing is ever stuck. Cutting the input elsewhere changes no output bit.
 *
 * <p>Thread: one at a time, the leg's. Errors: an output array that is too small is the caller's
 * bug, {@link IndexOutOfBoundsException}.
 *
 * <p>Source: Crochiere and Rabiner, Multirate Digital Signal Processing (1983) §3.4 and §4.2; the
 * window is Kaiser's.
 */
public final class RationalResampler {
  /** Zero crossings of the low-pass on each side: with the roll-off they make the width. */
  private static final int ZERO_CROSSINGS = 40;

  /** The cut-off as a part of half the lower rate: its transition ends where folding begins. */
  private static final double ROLL_OFF = 0.937;

  private static final double STOP_BAND_DB = 80;
  private static final double BETA = 0.1102 * (STOP_BAND_DB - 8.7);
  private static final int MAX_PHASES = 2048;

  private record Ratio(int up, int down) {}

  private static final Map<Ratio, float[][]> FILTERS = new ConcurrentHashMap<>();

  private final int up;
  private final int down;
  private final float[][] rows;
  private final int half;
  private float[] line = new float[4096];
  private int held;
  private int centre;
  private int phase;
  private long taken;
  private long given;

  /**
   * @param fromHz rate of the input, 1000 to 384000
   * @param toHz rate of the output; the ratio in lowest terms has at most 2048 in its numerator
   */
  public RationalResampler(int fromHz, int toHz) {
    if (fromHz < 1000 || fromHz > 384_000 || toHz < 1000 || toHz > 384_000) {
      throw new IllegalArgumentException(
          "rates: " + fromHz + " to " + toHz + " Hz (expected: 1000..384000)");
    }
    int divisor = gcd(fromHz, toHz);
    up = toHz / divisor;
    down = fromHz / divisor;
    if (up > MAX_PHASES) {
      throw new IllegalArgumentException(
          "rates: " + fromHz + " to " + toHz + " Hz (expected: a ratio of small numbers)");
    }
    rows = FILTERS.computeIfAbsent(new Ratio(up, down), RationalResampler::filter);
    half = rows[0].length / 2;
    rewind();
  }

  /** Input that an output sample waits for. */
  public int lookAheadSamples() {
    return half;
  }

  /** Samples that {@link #process} may write for so many of the input. */
  public int maxOutput(int inputSamples) {
    return Math.toIntExact(((long) inputSamples + half) * up / down + 2);
  }

  /**
   * @param in mono PCM; borrowed
   * @param out takes up to {@link #maxOutput} samples from {@code outOffset} on
   * @return samples written
   */
  public int process(float[] in, int offset, int length, float[] out, int outOffset) {
    Objects.checkFromIndexSize(offset, length, in.length);
    append(in, offset, length);
    taken += length;
    int written = write(out, outOffset, Long.MAX_VALUE);
    given += written;
    compact();
    return written;
  }

  /**
   * Ends the audio as if silence followed: what waited for more input comes out, and in all there
   * are as many samples as the ratio says. The next input begins anew.
   *
   * @param out takes up to {@code maxOutput(0)} samples
   * @return samples written
   */
  public int drain(float[] out, int outOffset) {
    long due = (taken * up + down - 1) / down - given;
    append(new float[2 * half], 0, 2 * half);
    int written = write(out, outOffset, due);
    rewind();
    return written;
  }

  private int write(float[] out, int outOffset, long limit) {
    int to = outOffset;
    while (centre + half < held && to - outOffset < limit) {
      float[] row = rows[phase];
      int from = centre - half + 1;
      float sum = 0;
      for (int k = 0; k < row.length; k++) {
        sum += row[k] * line[from + k];
      }
      out[to++] = sum;
      phase += down;
      centre += phase / up;
      phase %= up;
    }
    return to - outOffset;
  }

  private void append(float[] in, int offset, int length) {
    if (held + length > line.length) {
      line = Arrays.copyOf(line, Math.max(held + length, 2 * line.length));
    }
    System.arraycopy(in, offset, line, held, length);
    held += length;
  }

  /** Forgets input that no output needs any more. */
  private void compact() {
    int first = Math.min(centre - half + 1, held);
    if (first > 0) {
      System.arraycopy(line, first, line, 0, held - first);
      held -= first;
      centre -= first;
    }
  }

  private void rewind() {
    Arrays.fill(line, 0, half - 1, 0f);
    held = half - 1;
    centre = half - 1;
    phase = 0;
    taken = 0;
    given = 0;
  }

  /** Row p holds the coefficients for an output sample that stands p/up after an input sample. */
  private static float[][] filter(Ratio ratio) {
    double band = Math.min(1, (double) ratio.up / ratio.down) * ROLL_OFF;
    int half = (int) Math.ceil(ZERO_CROSSINGS / band);
    float[][] rows = new float[ratio.up][2 * half];
    double[] exact = new double[2 * half];
    for (int p = 0; p < ratio.up; p++) {
      double sum = 0;
      for (int k = 0; k < 2 * half; k++) {
        double distance = k - (half - 1) - (double) p / ratio.up;
        double position = distance / half;
        double window =
            Math.abs(position) >= 1
                ? 0
                : bessel0(BETA * Math.sqrt(1 - position * position)) / bessel0(BETA);
        exact[k] = sinc(band * distance) * window;
        sum += exact[k];
      }
      // Each row passes a constant exactly: otherwise the rows' differences would be a tone.
      for (int k = 0; k < 2 * half; k++) {
        rows[p][k] = (float) (exact[k] / sum);
      }
    }
    return rows;
  }

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  }

  private static double bessel0(double x) {
    double sum = 1;
    double term = 1;
    for (int k = 1; term > sum * 1e-17; k++) {
      term *= x / (2 * k) * (x / (2 * k));
      sum += term;
    }
    return sum;
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
