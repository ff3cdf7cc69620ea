package org.linescribe.media.resample;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Converts 16-bit PCM from one rate to another by a ratio of whole numbers: a low-pass of linear
 * phase in polyphase form, its state kept from call to call. Cutting the input elsewhere changes no
 * output bit.
 *
 * <p>Two kinds, which differ in their filter and in where their output stands:
 *
 * <ul>
 *   <li>{@link #Resampler(int, int)}, for a sound card's rate (22.05, 44.1, 48 kHz): to 16 kHz,
 *       signal up to 7 kHz passes within ±0.1 dB and what would be folded under 7 kHz is at least
 *       75 dB down. Output waits for 3 ms of input and stands at its true time; {@link #drain}
 *       brings out the last of it, so that nothing is ever stuck.
 *   <li>{@link #telephony}, between 8 and 16 kHz: a half-band filter, of which every second
 *       coefficient is zero and costs nothing. Signal up to 3.4 kHz passes within ±0.01 dB, 4.6 kHz
 *       to 8 kHz is more than 75 dB down. Nothing waits, so the output lags by 2.2 ms.
 * </ul>
 *
 * <p>Thread: one at a time, the leg's. Errors: an output array that is too small is the caller's
 * bug, {@link IndexOutOfBoundsException}.
 *
 * <p>Source: Crochiere and Rabiner, Multirate Digital Signal Processing (1983) §3.4, §4.2 and §4.3;
 * the window is Kaiser's.
 */
public final class Resampler {
  private static final double STOP_BAND_DB = 80;
  private static final double BETA = 0.1102 * (STOP_BAND_DB - 8.7);
  private static final int MAX_PHASES = 2048;
  private static final float TO_UNIT = 1 / 32_768f;

  /** Up to this product of a ratio's terms, outputs of one phase are computed side by side. */
  private static final int SIDE_BY_SIDE = 6;

  /**
   * @param rollOff the cut-off as a part of half the lower rate
   * @param zeroCrossings of the low-pass on each side: with the roll-off they make the width
   */
  private record Shape(int up, int down, double rollOff, int zeroCrossings) {
    /** Its transition ends where folding begins. */
    static Shape steep(int up, int down) {
      return new Shape(up, down, 0.937, 40);
    }

    static Shape halfBand(int up, int down) {
      return new Shape(up, down, 1, 18);
    }
  }

  private static final Map<Shape, float[][]> FILTERS = new ConcurrentHashMap<>();

  private final int up;
  private final int down;
  private final boolean lags;
  private final float[][] phases;
  private final int half;
  private final float[][] everyNth;
  private float[] line = new float[512];
  private float[] sums = new float[512];
  private float[] result = new float[512];
  private int held;
  private int centre;
  private int phase;
  private long taken;
  private long given;

  /**
   * @param fromHz rate of the input, 1000 to 384000
   * @param toHz rate of the output; the ratio in lowest terms has at most 2048 in its numerator
   */
  public Resampler(int fromHz, int toHz) {
    this(ratio(fromHz, toHz), false);
  }

  /** From 8 to 16 kHz or back. */
  public static Resampler telephony(int fromHz, int toHz) {
    Shape ratio = ratio(fromHz, toHz);
    if (ratio.up * ratio.down != 2) {
      throw new IllegalArgumentException(
          "rates: " + fromHz + " to " + toHz + " Hz (expected: one twice the other)");
    }
    return new Resampler(Shape.halfBand(ratio.up, ratio.down), true);
  }

  private Resampler(Shape shape, boolean lags) {
    this.up = shape.up;
    this.down = shape.down;
    this.lags = lags;
    this.phases = FILTERS.computeIfAbsent(shape, Resampler::filter);
    this.half = phases[0].length / 2;
    this.everyNth = new float[up * down <= SIDE_BY_SIDE && down > 1 ? down : 0][0];
    reset();
  }

  private static Shape ratio(int fromHz, int toHz) {
    if (fromHz < 1000 || fromHz > 384_000 || toHz < 1000 || toHz > 384_000) {
      throw new IllegalArgumentException(
          "rates: " + fromHz + " to " + toHz + " Hz (expected: 1000..384000)");
    }
    int divisor = gcd(fromHz, toHz);
    if (toHz / divisor > MAX_PHASES) {
      throw new IllegalArgumentException(
          "rates: " + fromHz + " to " + toHz + " Hz (expected: a ratio of small numbers)");
    }
    return Shape.steep(toHz / divisor, fromHz / divisor);
  }

  /** Samples that {@link #process} may write for so many of the input. */
  public int maxOutput(int inputSamples) {
    return Math.toIntExact(((long) inputSamples + half) * up / down + 2);
  }

  /**
   * @param in mono, 16-bit; borrowed
   * @param out takes up to {@link #maxOutput} samples from {@code outOffset} on
   * @return samples written
   */
  public int process(short[] in, int offset, int length, short[] out, int outOffset) {
    return round(take(in, offset, length), out, outOffset);
  }

  /** The same, to samples in about [-1, 1], unrounded: band-limited signals overshoot slightly. */
  public int process(short[] in, int offset, int length, float[] out, int outOffset) {
    int written = take(in, offset, length);
    Objects.checkFromIndexSize(outOffset, written, out.length);
    for (int i = 0; i < written; i++) {
      out[outOffset + i] = result[i] * TO_UNIT;
    }
    return written;
  }

  /**
   * Ends the audio as if silence followed: what waited for more input comes out, and in all there
   * are as many samples as the ratio says. The next input begins anew.
   *
   * @param out takes up to {@code maxOutput(0)} samples
   * @return samples written
   */
  public int drain(short[] out, int outOffset) {
    long due = (taken * up + down - 1) / down - given;
    append(new short[2 * half], 0, 2 * half);
    int written = round(filter(due), out, outOffset);
    reset();
    return written;
  }

  /** Forgets the past, as if newly made. */
  public void reset() {
    held = lags ? 2 * half - 1 : half - 1;
    Arrays.fill(line, 0, held, 0f);
    centre = half - 1;
    phase = 0;
    taken = 0;
    given = 0;
  }

  private int take(short[] in, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, in.length);
    append(in, offset, length);
    taken += length;
    int count = filter(Long.MAX_VALUE);
    given += count;
    forget();
    return count;
  }

  private int round(int count, short[] out, int outOffset) {
    Objects.checkFromIndexSize(outOffset, count, out.length);
    for (int i = 0; i < count; i++) {
      out[outOffset + i] =
          (short) Math.clamp(Math.round(result[i]), Short.MIN_VALUE, Short.MAX_VALUE);
    }
    return count;
  }

  /** Computes what the input that is there suffices for, into {@link #result}. */
  private int filter(long limit) {
    long ready = Math.max(0, held - half - centre);
    int count = (int) Math.min(limit, Math.max(0, (ready * up - phase + down - 1) / down));
    if (result.length < count) {
      result = new float[count];
      sums = new float[count];
    }
    if (up * down <= SIDE_BY_SIDE) {
      filterSideBySide(count);
    } else {
      for (int i = 0; i < count; i++) {
        long position = phase + (long) i * down;
        result[i] = dot(phases[(int) (position % up)], centre + (int) (position / up) - half + 1);
      }
    }
    long position = phase + (long) count * down;
    centre += (int) (position / up);
    phase = (int) (position % up);
    return count;
  }

  private float dot(float[] taps, int from) {
    float sum = 0;
    for (int k = 0; k < taps.length; k++) {
      sum += taps[k] * line[from + k];
    }
    return sum;
  }

  /**
   * Outputs of one phase read the line at steps of {@code down}: with every n-th sample in an array
   * of its own the inner loop runs over neighbours, and the compiler vectorises it.
   */
  private void filterSideBySide(int count) {
    for (int n = 0; n < everyNth.length; n++) {
      int length = (held - n + down - 1) / down;
      if (everyNth[n].length < length) {
        everyNth[n] = new float[length + 64];
      }
      for (int i = 0; i < length; i++) {
        everyNth[n][i] = line[i * down + n];
      }
    }
    for (int q = 0; q < up; q++) {
      int position = phase + q * down;
      float[] taps = phases[position % up];
      int from = centre + position / up - half + 1;
      int outputs = (count - q + up - 1) / up;
      Arrays.fill(sums, 0, Math.max(0, outputs), 0f);
      int first = -1;
      for (int k = 0; k < taps.length; k++) {
        if (taps[k] != 0 && first >= 0) {
          add(taps[first], from + first, taps[k], from + k, outputs);
          first = -1;
        } else if (taps[k] != 0) {
          first = k;
        }
      }
      if (first >= 0) {
        add(taps[first], from + first, 0, from + first, outputs);
      }
      for (int i = 0; i < outputs; i++) {
        result[q + i * up] = sums[i];
      }
    }
  }

  /** Two coefficients at a time: half as many passes over the sums. */
  private void add(float c, int from, float d, int dFrom, int count) {
    float[] to = sums;
    float[] a = everyNth(from);
    float[] b = everyNth(dFrom);
    int aFrom = from / down;
    int bFrom = dFrom / down;
    for (int i = 0; i < count; i++) {
      to[i] += c * a[aFrom + i] + d * b[bFrom + i];
    }
  }

  private float[] everyNth(int at) {
    return down == 1 ? line : everyNth[at % down];
  }

  private void append(short[] in, int offset, int length) {
    if (held + length > line.length) {
      line = Arrays.copyOf(line, Math.max(held + length, 2 * line.length));
    }
    for (int i = 0; i < length; i++) {
      line[held + i] = in[offset + i];
    }
    held += length;
  }

  /** Drops input that no output needs any more. */
  private void forget() {
    int first = Math.min(centre - half + 1, held);
    if (first > 0) {
      System.arraycopy(line, first, line, 0, held - first);
      held -= first;
      centre -= first;
    }
  }

  /** Phase p holds the coefficients for an output sample that stands p/up after an input sample. */
  private static float[][] filter(Shape shape) {
    double band = Math.min(1, (double) shape.up / shape.down) * shape.rollOff;
    int half = (int) Math.ceil(shape.zeroCrossings / band);
    float[][] phases = new float[shape.up][2 * half];
    double[] exact = new double[2 * half];
    for (int p = 0; p < shape.up; p++) {
      double sum = 0;
      for (int k = 0; k < 2 * half; k++) {
        double distance = k - (half - 1) - (double) p / shape.up;
        double position = distance / half;
        double window =
            Math.abs(position) >= 1
                ? 0
                : bessel0(BETA * Math.sqrt(1 - position * position)) / bessel0(BETA);
        double coefficient = sinc(band * distance) * window;
        exact[k] = Math.abs(coefficient) < 1e-12 ? 0 : coefficient;
        sum += exact[k];
      }
      // Each phase passes a constant exactly: otherwise the phases' differences would be a tone.
      for (int k = 0; k < 2 * half; k++) {
        phases[p][k] = (float) (exact[k] / sum);
      }
    }
    return phases;
  }

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
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

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
