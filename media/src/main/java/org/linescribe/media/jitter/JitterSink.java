package org.linescribe.media.jitter;

import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.dtmf.TelephoneEvent;

/**
 * Receives a call's timeline at 8 kHz, without a gap: audio and silence follow one another, and the
 * samples of both together are the time that passed.
 *
 * <p>Thread: the caller's of {@link JitterBuffer}; must not call back into it, but for {@link
 * JitterBuffer#forgetHeard}.
 */
public interface JitterSink {
  /**
   * The next samples of the timeline.
   *
   * @param codec that they came in
   * @param pcm mono, 16-bit; borrowed, valid during the call only
   * @param samples more than 0
   */
  void onAudio(AudioCodec codec, short[] pcm, int samples);

  /**
   * The next samples of the timeline were lost, and are made up from the audio before: fit to be
   * recognised, and no evidence of what was sent. Audio unless the sink tells it apart.
   *
   * @param codec of the audio before
   * @param pcm mono, 16-bit; borrowed, valid during the call only
   * @param samples more than 0
   */
  default void onConcealed(AudioCodec codec, short[] pcm, int samples) {
    onAudio(codec, pcm, samples);
  }

  /**
   * The next samples of the timeline hold no audio: lost, or never sent.
   *
   * @param samples more than 0
   */
  void onSilence(long samples);

  /**
   * A key was pressed; called once, when its first packet comes. It takes no time of its own.
   *
   * @param atSamples where on the timeline it begins; may lie a reorder wait before or after the
   *     end of what was written so far
   */
  default void onTelephoneEvent(TelephoneEvent event, long atSamples) {}
}
