package org.linescribe.asr.utterance;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.stream.ModelReader;

/**
 * Says of each window of a leg's audio whether somebody speaks in it. What is quieter than any
 * speech on a telephone line does not reach the model, and frees its detector for another leg.
 *
 * <p>Positions are samples of the leg. Thread: its stream's, one at a time.
 */
final class SpeechFinder implements AutoCloseable {
  /** Told of each window, in order. */
  interface Listener {
    void window(long from, long to, boolean speech);
  }

  /** −58 dBFS: comfort noise is below it, a whisper on a bad line above. */
  private static final double QUIET = 40;

  /** Quiet windows before the gate closes: a second, so that it stays open between words. */
  private static final int OPEN_WINDOWS = 32;

  /**
   * Windows before the loud one that the model hears too, as silence where there are none: a model
   * that has heard nothing yet misses a short word.
   */
  private static final int LEAD_WINDOWS = 16;

  private static final float[] SILENCE = new float[VoiceActivity.WINDOW_SAMPLES];

  private final LegReader audio;
  private final ModelReader model;
  private final VoiceActivity.Factory detectors;
  private final int windowSamples;
  private @Nullable VoiceActivity detector;
  private int quietWindows = OPEN_WINDOWS;
  private long from;
  private long openFrom;
  private short[] pcm = new short[0];

  SpeechFinder(LegReader audio, VoiceActivity.Factory detectors) {
    this.audio = audio;
    this.model = new ModelReader(audio, VoiceActivity.SAMPLE_RATE_HZ);
    this.detectors = detectors;
    this.windowSamples =
        VoiceActivity.WINDOW_SAMPLES * audio.sampleRateHz() / VoiceActivity.SAMPLE_RATE_HZ;
    this.from = audio.position();
    this.openFrom = from;
  }

  /** Judges the whole windows before the position; the audio behind {@link #needed} is held. */
  void hearTo(long position, Listener listener) {
    for (; position - from >= windowSamples; from += windowSamples) {
      listener.window(from, from + windowSamples, isSpeech());
    }
  }

  /** Time that passed without audio: {@code to} is the next window's begin. */
  void skipTo(long to) {
    closeGate();
    from = to;
    openFrom = to;
  }

  /** Audio before it is not needed any more. */
  long needed() {
    return Math.max(0, from - (long) LEAD_WINDOWS * windowSamples);
  }

  /** Speech may have begun so much before the window that says so. */
  int delayMs() {
    VoiceActivity open = detector;
    return open == null ? 0 : open.delayMs();
  }

  /** Speech ended so much before the end of the last window of it. */
  int hangoverMs() {
    VoiceActivity open = detector;
    return open == null ? 0 : open.hangoverMs();
  }

  private boolean isSpeech() {
    boolean quiet = level() < QUIET;
    quietWindows = quiet ? Math.min(OPEN_WINDOWS, quietWindows + 1) : 0;
    if (quietWindows == OPEN_WINDOWS) {
      closeGate();
      return false;
    }
    if (detector == null) {
      VoiceActivity opened = detectors.open();
      detector = opened;
      for (int before = LEAD_WINDOWS; before > 0; before--) {
        long at = from - (long) before * windowSamples;
        opened.lead(at < openFrom ? SILENCE : model.window(at, windowSamples, 0));
      }
    }
    return hear(from);
  }

  private boolean hear(long at) {
    float[] window = model.window(at, windowSamples, 0);
    return Objects.requireNonNull(detector).hear(window, 0);
  }

  private double level() {
    if (pcm.length < windowSamples) {
      pcm = new short[windowSamples];
    }
    audio.peek(from, pcm, windowSamples);
    double sum = 0;
    for (int i = 0; i < windowSamples; i++) {
      sum += (double) pcm[i] * pcm[i];
    }
    return Math.sqrt(sum / windowSamples);
  }

  private void closeGate() {
    VoiceActivity open = detector;
    detector = null;
    quietWindows = OPEN_WINDOWS;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void close() {
    closeGate();
  }
}
