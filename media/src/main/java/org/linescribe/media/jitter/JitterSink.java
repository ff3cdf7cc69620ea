package org.linescribe.media.jitter;

import org.linescribe.media.dtmf.TelephoneEvent;
import org.linescribe.media.g711.G711Law;

/**
 * Hears a call's timeline at 8 kHz, without a gap: audio and silence follow one another, and the
 * samples of both together are the time that passed.
 *
 * <p>Thread: the caller's of {@link JitterBuffer}; must not call back into it.
 */
public interface JitterSink {
  /**
   * The next samples of the timeline.
   *
   * @param codes G.711, one byte a sample; borrowed, valid during the call only
   */
  void onAudio(G711Law law, byte[] codes, int offset, int length);

  /**
   * The next samples of the timeline hold no audio: lost, or never sent.
   *
   * @param samples more than 0
   */
  void onSilence(long samples);

  /**
   * A key was pressed; told once, when its first packet comes. It takes no time of its own.
   *
   * @param atSamples where on the timeline it begins; may lie a window ahead or behind of what was
   *     told so far
   */
  default void onTelephoneEvent(TelephoneEvent event, long atSamples) {}
}
