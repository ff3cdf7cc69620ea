package org.linescribe.asr.utterance;

/**
 * Tells speech from everything else in the audio of one leg.
 *
 * <p>Thread: one at a time. Owner: whoever opened it closes it.
 */
public interface VoiceActivity extends AutoCloseable {
  /** The rate of the audio that it hears. */
  int SAMPLE_RATE_HZ = 16_000;

  /** Samples of a window. */
  int WINDOW_SAMPLES = 512;

  /**
   * Hears the next window.
   *
   * @param pcm mono in [-1, 1]; borrowed
   * @param offset of the window's first sample
   * @return whether somebody speaks in it; said late by {@link #delayMs} where speech begins, and
   *     by {@link #hangoverMs} where it ends
   */
  boolean hear(float[] pcm, int offset);

  /**
   * Hears a window of which nobody asks whether somebody speaks in it; before the first of the
   * others.
   *
   * @param pcm mono in [-1, 1]; borrowed
   */
  default void lead(float[] pcm) {
    hear(pcm, 0);
  }

  /** How much speech it wants before it says so, the window that says it included. */
  int delayMs();

  /** How much silence it wants before it says so. */
  int hangoverMs();

  /** Forgets what it heard: what follows is not connected with it. */
  void reset();

  @Override
  void close();

  /** Opens detectors; any thread. */
  interface Factory extends AutoCloseable {
    VoiceActivity open();

    /** When every detector is closed. */
    @Override
    void close();
  }
}
