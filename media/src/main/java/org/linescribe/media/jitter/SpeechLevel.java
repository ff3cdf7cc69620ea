package org.linescribe.media.jitter;

/**
 * Whether a source's audio broke off in the middle of speech or ended in a pause, judged by its
 * loudness against the source's own.
 *
 * <p>A wrong "in speech" (a noisy line) costs a later final, a wrong "in a pause" a torn word; so
 * only what is {@value #QUIET_RATIO} times (30 dB) quieter than the loudest sound of late, for
 * longer than the closure of a plosive, is a pause.
 *
 * <p>Thread: the buffer's.
 */
final class SpeechLevel {
  private static final int BLOCK_SAMPLES = 80;
  private static final int QUIET_RATIO = 32;

  /** Mean amplitude that is quiet whatever the source's loudness is: -66 dBFS. */
  private static final int ALWAYS_QUIET = 16;

  /** 150 ms; the closure of a plosive within a word is shorter than 100 ms. */
  private static final int PAUSE_SAMPLES = 1200;

  /** The loudest sound is halved in 7 s, so that one bang does not make all speech quiet. */
  private static final double KEPT_PER_BLOCK = 0.999;

  private double loudest;
  private int quietSamples = PAUSE_SAMPLES;

  /** Audio of the source, the next in order. */
  void hear(short[] pcm, int samples) {
    for (int from = 0; from < samples; from += BLOCK_SAMPLES) {
      int to = Math.min(from + BLOCK_SAMPLES, samples);
      int sum = 0;
      for (int i = from; i < to; i++) {
        sum += Math.abs(pcm[i]);
      }
      double level = (double) sum / (to - from);
      loudest = Math.max(level, loudest * KEPT_PER_BLOCK);
      boolean isQuiet = level <= Math.max(ALWAYS_QUIET, loudest / QUIET_RATIO);
      quietSamples = isQuiet ? Math.min(PAUSE_SAMPLES, quietSamples + to - from) : 0;
    }
  }

  boolean endsInSpeech() {
    return quietSamples < PAUSE_SAMPLES;
  }
}
