package org.linescribe.gateway.rtp;

import org.linescribe.media.dtmf.TelephoneEvent;

/**
 * Receives a session's audio: a timeline at 8 kHz without gaps.
 *
 * <p>Thread: the session's event loop; must not block.
 */
public interface RtpSessionListener {
  /**
   * @param pcm mono, 16-bit; borrowed, valid during the call
   */
  void onAudio(short[] pcm, int samples);

  /**
   * Lost packets, made up from the audio before: no evidence of what the peer sent. Audio unless
   * the listener tells it apart.
   *
   * @param pcm as of {@link #onAudio}
   */
  default void onConcealed(short[] pcm, int samples) {
    onAudio(pcm, samples);
  }

  /** Lost packets, or time in which the peer sent none. */
  void onSilence(int samples);

  /**
   * @param atSamples where on the timeline the key was pressed
   */
  void onTelephoneEvent(TelephoneEvent event, long atSamples);

  /** No valid packet arrived within the timeout; called once. */
  void onTimeout();

  /** An internal error; the session is closed already. */
  void onFailure(RuntimeException failure);
}
