package org.linescribe.media.resample;

import java.util.Arrays;
import java.util.Objects;

/**
 * Halves the rate of one leg's audio, 16 kHz to 8 kHz: one sample out for each two in.
 *
 * <p>Signal up to 3.4 kHz passes within ±0.5 dB; what would be folded under 3.4 kHz (4.6..8 kHz) is
 * at least 60 dB down. The output lags the input by {@link #DELAY_SAMPLES} samples of the input's
 * rate (35 at 16 kHz: 2.2 ms). State, an odd sample included, is kept between calls: cutting the
 * input elsewhere changes no output bit.
 *
 * <p>Thread: one at a time, the leg's. No allocation after construction. Errors: an output array
 * that is too small is the caller's bug, {@link IndexOutOfBoundsException}.
 */
public final class HalfBandHalver {
  /** How far the output lags, in samples of the input's rate. */
  public static final int DELAY_SAMPLES = HalfBand.DELAY_SAMPLES;

  private static final int HISTORY = HalfBand.BRANCH_TAPS - 1;
  private static final int CENTRE = HISTORY / 2 + 1;

  private final float[] taps = HalfBand.branch(0.5);
  private final float[] even = new float[HISTORY + HalfBand.BLOCK_SAMPLES];
  private final float[] odd = new float[CENTRE + HalfBand.BLOCK_SAMPLES];
  private final float[] filtered = new float[HalfBand.BLOCK_SAMPLES];
  private boolean oddIsNext;

  /**
   * @param in mono PCM at the higher rate; borrowed, must not overlap {@code out}
   * @param out takes up to {@code (length + 1) / 2} samples from {@code outOffset} on
   * @return samples written
   */
  public int process(float[] in, int offset, int length, float[] out, int outOffset) {
    Objects.checkFromIndexSize(offset, length, in.length);
    int to = outOffset;
    int from = offset;
    int end = offset + length;
    Objects.checkFromIndexSize(outOffset, (length + (oddIsNext ? 0 : 1)) / 2, out.length);
    if (oddIsNext && from < end) {
      shiftOdd(1, in[from++]);
      oddIsNext = false;
    }
    while (from < end) {
      int count = 0;
      int odds = 0;
      while (count < HalfBand.BLOCK_SAMPLES && from < end) {
        even[HISTORY + count++] = in[from++];
        if (from < end) {
          odd[CENTRE + odds++] = in[from++];
        }
      }
      HalfBand.filter(taps, even, count, filtered);
      for (int i = 0; i < count; i++) {
        out[to++] = filtered[i] + 0.5f * odd[i];
      }
      System.arraycopy(even, count, even, 0, HISTORY);
      System.arraycopy(odd, odds, odd, 0, CENTRE);
      oddIsNext = odds < count;
    }
    return to - outOffset;
  }

  private void shiftOdd(int count, float sample) {
    odd[CENTRE] = sample;
    System.arraycopy(odd, count, odd, 0, CENTRE);
  }

  /** Forgets the past, as if newly made. */
  public void reset() {
    Arrays.fill(even, 0f);
    Arrays.fill(odd, 0f);
    oddIsNext = false;
  }
}
