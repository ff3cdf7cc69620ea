package org.linescribe.gateway.rtp;

import org.linescribe.media.dtmf.TelephoneEvent;

/**
 * What a session hears: a timeline at 8 kHz without gaps.
 *
 * <p>Thread: the session's event loop; must not block.
 */
public interface RtpSessionListener {
  /**
   * @param pcm mono in [-1, 1]; borrowed, valid during the call
   */
  void onAudio(float[] pcm, int length);

  /** Time that was lost or in which nothing was sent. */
  void onSilence(int samples);

  /**
   * @param atSamples where on the timeline the key was pressed
   */
  void onTelephoneEvent(TelephoneEvent event, long atSamples);

  /** Nothing valid came for the timeout, told once. */
  void onTimeout();

  /** A bug of ours; the session is closed already. */
  void onFailure(RuntimeException failure);
}
