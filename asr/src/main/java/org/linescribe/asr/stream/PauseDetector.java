package org.linescribe.asr.stream;

/**
 * Finds where nobody speaks: frames of 20 ms that are far below the loudest of the last seconds and
 * near the quietest. Where noise is as loud as speech it finds no pause, and nothing is cut.
 *
 * <p>Thread: one at a time.
 */
public final class PauseDetector {
  private static final int FRAMES_PER_SECOND = 50;
  private static final int WINDOW_FRAMES = 10 * FRAMES_PER_SECOND;

  /** 26 dB below the peak, as a ratio of energies. */
  private static final double BELOW_PEAK = 1 / 400.0;

  /** 9 dB above the floor. */
  private static final double ABOVE_FLOOR = 8;

  /** -66 dBFS: silence whatever the rest. */
  private static final double SILENCE = 2.5e-7;

  private static final double FULL_SCALE = 32_768.0 * 32_768.0;

  private final int frameSamples;
  private final double[] energies = new double[WINDOW_FRAMES];
  private int frames;
  private int inFrame;
  private double sum;
  private int quietFrames;

  /**
   * @param sampleRateHz of what it will hear, at least 50
   */
  public PauseDetector(int sampleRateHz) {
    this.frameSamples = sampleRateHz / FRAMES_PER_SECOND;
  }

  /**
   * @param pcm mono, 16-bit
   */
  public void hear(short[] pcm) {
    for (short sample : pcm) {
      sum += (double) sample * sample;
      if (++inFrame == frameSamples) {
        frame(sum / frameSamples / FULL_SCALE);
        sum = 0;
        inFrame = 0;
      }
    }
  }

  /** How long nobody has been speaking, up to the last whole frame. */
  public long pauseMs() {
    return quietFrames * 1000L / FRAMES_PER_SECOND;
  }

  private void frame(double energy) {
    energies[frames % WINDOW_FRAMES] = energy;
    frames++;
    int known = Math.min(frames, WINDOW_FRAMES);
    double peak = 0;
    double floor = Double.MAX_VALUE;
    for (int i = 0; i < known; i++) {
      peak = Math.max(peak, energies[i]);
      floor = Math.min(floor, energies[i]);
    }
    boolean quiet =
        energy <= SILENCE
            || (energy <= peak * BELOW_PEAK && energy <= Math.max(floor, SILENCE) * ABOVE_FLOOR);
    quietFrames = quiet ? quietFrames + 1 : 0;
  }
}
