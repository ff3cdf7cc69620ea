package org.linescribe.gateway.leg;

import io.micrometer.core.instrument.Counter;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.SessionSource;

/**
 * Writes a timeline at 8 kHz to a leg of a session. Audio that the session refuses is replaced by
 * silence, so that the timeline stays aligned with the RTP timestamps.
 *
 * <p>Thread: the stream's event loop.
 */
public final class LegWriter {
  /** Enough silence to end every utterance: endpoint-silence is at most 10 s. */
  private static final int DECODED_SILENCE_SAMPLES = 12 * 8000;

  /**
   * A recogniser decodes silence that comes in small pieces, and jumps over a long one: a held or
   * silent call costs no decoding by being told of it rarely.
   */
  private static final int SILENCE_BLOCK_SAMPLES = 10 * 8000;

  /** G.711's idle codes decode to 0 (PCMU) and 8 (PCMA). */
  private static final int MAX_IDLE_AMPLITUDE = 8;

  private final int leg;
  private final Counter refusedSamples;
  private @Nullable SessionSource source;
  private int pendingSilenceSamples;
  private int silentRunSamples;

  /**
   * @param leg index of the source's leg
   * @param refusedSamples counts what the session refused
   */
  public LegWriter(int leg, Counter refusedSamples) {
    this.leg = leg;
    this.refusedSamples = refusedSamples;
  }

  /** Starts delivery; earlier audio was dropped. */
  public void attach(SessionSource opened) {
    source = opened;
  }

  /**
   * @param pcm mono, 16-bit; borrowed
   */
  public void audio(short[] pcm, int samples) {
    SessionSource to = source;
    if (isDigitalSilence(pcm, samples)) {
      silence(samples);
    } else if (to != null) {
      deliverSilence();
      silentRunSamples = 0;
      int refused = samples - to.write(leg, pcm, 0, samples);
      if (refused > 0) {
        to.skip(leg, refused);
        refusedSamples.increment(refused);
      }
    }
  }

  public void silence(int samples) {
    pendingSilenceSamples += samples;
    silentRunSamples += samples;
    if (silentRunSamples < DECODED_SILENCE_SAMPLES
        || pendingSilenceSamples >= SILENCE_BLOCK_SAMPLES) {
      deliverSilence();
    }
  }

  /** Delivers the silence that was held back, at the latest with the audio behind it. */
  public void deliverSilence() {
    SessionSource to = source;
    int samples = pendingSilenceSamples;
    pendingSilenceSamples = 0;
    if (to != null && samples > 0) {
      to.skip(leg, samples);
    }
  }

  private static boolean isDigitalSilence(short[] pcm, int samples) {
    for (int i = 0; i < samples; i++) {
      if (pcm[i] < -MAX_IDLE_AMPLITUDE || pcm[i] > MAX_IDLE_AMPLITUDE) {
        return false;
      }
    }
    return true;
  }
}
