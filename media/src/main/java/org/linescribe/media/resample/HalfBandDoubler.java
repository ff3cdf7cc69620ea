package org.linescribe.media.resample;

import java.util.Arrays;
import java.util.Objects;

/**
 * Doubles the rate of one leg's audio, 8 kHz to 16 kHz: two samples out for each one in.
 *
 * <p>Signal up to 3.4 kHz passes within ±0.5 dB; its images above 4.6 kHz are at least 60 dB down.
 * The output lags the input by {@link #DELAY_SAMPLES} samples of the output's rate (35 at 16 kHz:
 * 2.2 ms). State is kept between calls: cutting the input elsewhere changes no output bit. Gain is
 * 1; a full-scale input may overshoot [-1, 1] slightly, as band-limited signals do.
 *
 * <p>Thread: one at a time, the leg's. No allocation after construction. Errors: an output array
 * that is too small is the caller's bug, {@link IndexOutOfBoundsException}.
 */
public final class HalfBandDoubler {
  /** How far the output lags, in samples of the output's rate. */
  public static final int DELAY_SAMPLES = HalfBand.DELAY_SAMPLES;

  private static final int HISTORY = HalfBand.BRANCH_TAPS - 1;
  private static final int CENTRE = HISTORY / 2;

  private final float[] taps = HalfBand.branch(1.0);
  private final float[] line = new float[HISTORY + HalfBand.BLOCK_SAMPLES];
  private final float[] filtered = new float[HalfBand.BLOCK_SAMPLES];

  /**
   * @param in mono PCM at the lower rate; borrowed, must not overlap {@code out}
   * @param out takes {@code 2 * length} samples from {@code outOffset} on
   * @return samples written: {@code 2 * length}
   */
  public int process(float[] in, int offset, int length, float[] out, int outOffset) {
    Objects.checkFromIndexSize(offset, length, in.length);
    Objects.checkFromIndexSize(outOffset, 2 * length, out.length);
    int to = outOffset;
    for (int done = 0; done < length; ) {
      int count = Math.min(HalfBand.BLOCK_SAMPLES, length - done);
      System.arraycopy(in, offset + done, line, HISTORY, count);
      HalfBand.filter(taps, line, count, filtered);
      for (int i = 0; i < count; i++) {
        out[to++] = filtered[i];
        out[to++] = line[HISTORY - CENTRE + i];
      }
      System.arraycopy(line, count, line, 0, HISTORY);
      done += count;
    }
    return to - outOffset;
  }

  /** Forgets the past, as if newly made. */
  public void reset() {
    Arrays.fill(line, 0f);
  }
}
