package org.linescribe.media.dtmf;

import java.util.Arrays;

/**
 * Detects DTMF digits in audio at 8 kHz, by Goertzel's algorithm at the eight frequencies.
 *
 * <p>A block is a digit's when its two tones hold nearly all of its energy: speech, whose energy is
 * spread over harmonics, does not pass. A digit begins with {@value #MIN_BLOCKS} such blocks in a
 * row, which 40 ms of tone always have, and ends with as many without it.
 *
 * <p>Thread: one at a time. Source: ITU-T Q.23, Q.24 (tones of 40 ms and frequencies within 1.5 %
 * are taken, a twist of 4 or 5 dB).
 */
public final class ToneDetector {
  /** 12.75 ms: 1.5 % off the highest frequency still gives most of a tone's energy. */
  static final int BLOCK_SAMPLES = 102;

  private static final int MIN_BLOCKS = 2;
  private static final double[] ROWS_HZ = {697, 770, 852, 941};
  private static final double[] COLUMNS_HZ = {1209, 1336, 1477, 1633};
  private static final char[][] DIGITS = {
    {'1', '2', '3', 'A'}, {'4', '5', '6', 'B'}, {'7', '8', '9', 'C'}, {'*', '0', '#', 'D'}
  };
  private static final char NONE = 0;

  /** Of a block's energy, in the two tones. */
  private static final double LEAST_SHARE = 0.75;

  /** 8 dB: the strongest of a group over the others. */
  private static final double LEAST_PEAK = 6.3;

  /** Column over row 4 dB, row over column 8 dB. */
  private static final double MAX_COLUMN_TWIST = 2.5;

  private static final double MAX_ROW_TWIST = 6.3;

  /** The tone fills the block: else one of 20 ms would be in two blocks. */
  private static final double LEAST_OF_ENDS = 0.5;

  /** Root mean square of about -46 dBFS. */
  private static final double LEAST_MEAN_SQUARE = 160.0 * 160.0;

  private static final double[] COEFFICIENTS = new double[8];

  static {
    for (int i = 0; i < 4; i++) {
      COEFFICIENTS[i] = 2 * Math.cos(2 * Math.PI * ROWS_HZ[i] / 8000);
      COEFFICIENTS[4 + i] = 2 * Math.cos(2 * Math.PI * COLUMNS_HZ[i] / 8000);
    }
  }

  /** Receives the digits. */
  @FunctionalInterface
  public interface Listener {
    /**
     * @param atSamples where the tone began, to within a block
     */
    void onDigit(char digit, long atSamples);
  }

  private final Listener listener;
  private final double[] last = new double[8];
  private final double[] beforeLast = new double[8];

  /** Of the thirds of a block. */
  private final double[] energies = new double[3];

  private int filled;
  private long position;
  private char candidate = NONE;
  private int blocks;
  private char current = NONE;

  public ToneDetector(Listener listener) {
    this.listener = listener;
  }

  /**
   * The next audio.
   *
   * @param pcm borrowed
   */
  public void hear(short[] pcm, int samples) {
    for (int i = 0; i < samples; i++) {
      double sample = pcm[i];
      energies[filled * 3 / BLOCK_SAMPLES] += sample * sample;
      for (int k = 0; k < 8; k++) {
        double next = sample + COEFFICIENTS[k] * last[k] - beforeLast[k];
        beforeLast[k] = last[k];
        last[k] = next;
      }
      position++;
      if (++filled == BLOCK_SAMPLES) {
        block(digit());
      }
    }
  }

  /** Silence, or audio that was lost. */
  public void skip(long samples) {
    position += samples;
    restart();
    candidate = NONE;
    blocks = 0;
    if (samples >= (long) MIN_BLOCKS * BLOCK_SAMPLES) {
      current = NONE;
    }
  }

  private void block(char digit) {
    restart();
    blocks = digit == candidate ? blocks + 1 : 1;
    candidate = digit;
    if (blocks >= MIN_BLOCKS && digit != current) {
      current = digit;
      if (digit != NONE) {
        listener.onDigit(digit, position - (long) blocks * BLOCK_SAMPLES);
      }
    }
  }

  private char digit() {
    double energy = energies[0] + energies[1] + energies[2];
    boolean isFilled =
        Math.min(energies[0], energies[2]) >= LEAST_OF_ENDS * Math.max(energies[0], energies[2]);
    if (energy < LEAST_MEAN_SQUARE * BLOCK_SAMPLES || !isFilled) {
      return NONE;
    }
    int row = strongest(0);
    int column = strongest(4);
    if (row < 0 || column < 0) {
      return NONE;
    }
    double low = power(row);
    double high = power(column);
    boolean isDigit =
        high <= low * MAX_COLUMN_TWIST
            && low <= high * MAX_ROW_TWIST
            && (low + high) * 2 / BLOCK_SAMPLES >= LEAST_SHARE * energy;
    return isDigit ? DIGITS[row][column - 4] : NONE;
  }

  /** The frequency of a group that stands out, or -1. */
  private int strongest(int from) {
    int best = from;
    for (int k = from + 1; k < from + 4; k++) {
      best = power(k) > power(best) ? k : best;
    }
    for (int k = from; k < from + 4; k++) {
      if (k != best && power(k) * LEAST_PEAK > power(best)) {
        return -1;
      }
    }
    return best;
  }

  private double power(int k) {
    return last[k] * last[k]
        + beforeLast[k] * beforeLast[k]
        - COEFFICIENTS[k] * last[k] * beforeLast[k];
  }

  private void restart() {
    Arrays.fill(last, 0);
    Arrays.fill(beforeLast, 0);
    Arrays.fill(energies, 0);
    filled = 0;
  }
}
