package org.linescribe.media.jitter;

import java.util.Arrays;

/**
 * Fills lost audio by the source's own last sound: its last pitch periods again, fading to silence
 * in 60 ms, and a cross-fade into the audio that comes then.
 *
 * <p>Appendix I gives audio out 3.75 ms late, so that the last quarter of a period before a loss
 * can still be changed. A recogniser gets audio at once, so only the copy that is repeated is
 * changed.
 *
 * <p>Thread: the buffer's. Source: ITU-T G.711 Appendix I (09/1999).
 */
final class LossConcealment {
  /** Nothing is made up beyond: it is silence. */
  static final int MAX_SAMPLES = 480;

  /** G.711's idle codes decode to 0 (PCMU) and 8 (PCMA). */
  private static final int MAX_IDLE_AMPLITUDE = 8;

  private static final int FRAME = 80;
  private static final int MIN_PITCH = 40;
  private static final int MAX_PITCH = 120;
  private static final int CORRELATED = 160;
  private static final int HISTORY = 3 * MAX_PITCH + MIN_PITCH;

  /** At most 10 ms are cross-faded at a loss's end: 4 ms for each 10 ms that were lost. */
  private static final int MAX_FADE = FRAME;

  private static final int FADE_PER_FRAME = 32;
  private static final double FADED_PER_FRAME = 0.2;

  private final short[] history = new short[HISTORY];

  /** The history when the loss began. */
  private short[] begun = history;

  /** The end of the history, its last quarter of a period faded into the period before. */
  private final double[] repeated = new double[HISTORY];

  private int pitch;
  private int periods;
  private int offset;
  private int concealed;

  /** Audio of the source, the next in order. */
  void hear(short[] pcm, int samples) {
    int kept = Math.min(samples, HISTORY);
    System.arraycopy(history, kept, history, 0, HISTORY - kept);
    System.arraycopy(pcm, samples - kept, history, HISTORY - kept, kept);
  }

  /**
   * Nothing that the source said before is repeated or faded in: it was silent, or what it said is
   * to be forgotten.
   */
  void silence() {
    Arrays.fill(history, (short) 0);
    concealed = 0;
  }

  /** How many samples of a loss can still be made up; 0 after silence. */
  int availableSamples() {
    return concealed == 0 && isSilent() ? 0 : MAX_SAMPLES - concealed;
  }

  private boolean isSilent() {
    for (short sample : history) {
      if (Math.abs(sample) > MAX_IDLE_AMPLITUDE) {
        return false;
      }
    }
    return true;
  }

  /**
   * Makes up the next samples of a loss.
   *
   * @param samples up to {@link #availableSamples}; silence beyond {@value #MAX_SAMPLES}
   */
  void conceal(short[] pcm, int samples) {
    if (concealed == 0) {
      begin();
    }
    for (int i = 0; i < samples; i++) {
      pcm[i] = (short) Math.round(next());
    }
    hear(pcm, samples);
  }

  /** Fades what was made up into audio that came after it, in place. */
  void resume(short[] pcm, int samples) {
    if (concealed > 0) {
      int frames = (concealed + FRAME - 1) / FRAME;
      int fade = Math.min(Math.min(pitch / 4 + (frames - 1) * FADE_PER_FRAME, MAX_FADE), samples);
      for (int i = 0; i < fade; i++) {
        double share = (i + 1.0) / (fade + 1);
        pcm[i] = (short) Math.round(share * pcm[i] + (1 - share) * next());
      }
      concealed = 0;
    }
    hear(pcm, samples);
  }

  private void begin() {
    begun = history.clone();
    for (int i = 0; i < HISTORY; i++) {
      repeated[i] = begun[i];
    }
    pitch = pitch();
    periods = 0;
    offset = 0;
    morePeriods();
  }

  /** Repeats one period more: one alone, for longer than 10 ms, would be a buzz. */
  private void morePeriods() {
    periods++;
    int quarter = pitch / 4;
    for (int at = HISTORY - quarter; at < HISTORY; at++) {
      double share = (at - HISTORY + quarter + 1.0) / (quarter + 1);
      repeated[at] = (1 - share) * begun[at] + share * begun[at - periods * pitch];
    }
    offset %= pitch;
  }

  private double next() {
    if (concealed >= MAX_SAMPLES) {
      return 0;
    }
    if (concealed == FRAME || concealed == 2 * FRAME) {
      morePeriods();
    }
    int length = periods * pitch;
    double sample = repeated[HISTORY - length + offset];
    offset = (offset + 1) % length;
    double faded = FADED_PER_FRAME * Math.max(0, concealed - FRAME) / FRAME;
    concealed++;
    return sample * (1 - faded);
  }

  /** The lag of 5 to 15 ms at which the last 20 ms are most like what was before them. */
  private int pitch() {
    int best = MAX_PITCH;
    double most = Double.NEGATIVE_INFINITY;
    int from = HISTORY - CORRELATED;
    for (int lag = MIN_PITCH; lag <= MAX_PITCH; lag++) {
      double dot = 0;
      double energy = 1;
      for (int i = from; i < HISTORY; i++) {
        dot += (double) history[i] * history[i - lag];
        energy += (double) history[i - lag] * history[i - lag];
      }
      double correlation = dot / Math.sqrt(energy);
      if (correlation > most) {
        most = correlation;
        best = lag;
      }
    }
    return best;
  }
}
