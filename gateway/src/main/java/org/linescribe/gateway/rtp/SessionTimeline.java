package org.linescribe.gateway.rtp;

import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.dtmf.TelephoneEvent;
import org.linescribe.media.jitter.JitterSink;

/**
 * Tells a session's listener its timeline, as the jitter buffer makes it.
 *
 * <p>Thread: the session's event loop.
 */
record SessionTimeline(RtpSessionListener listener) implements JitterSink {
  @Override
  public void onAudio(AudioCodec codec, short[] pcm, int samples) {
    listener.onAudio(pcm, samples);
  }

  @Override
  public void onConcealed(AudioCodec codec, short[] pcm, int samples) {
    listener.onConcealed(pcm, samples);
  }

  @Override
  public void onSilence(long samples) {
    for (long left = samples; left > 0; left -= Integer.MAX_VALUE) {
      listener.onSilence((int) Math.min(left, Integer.MAX_VALUE));
    }
  }

  @Override
  public void onTelephoneEvent(TelephoneEvent event, long atSamples) {
    listener.onTelephoneEvent(event, atSamples);
  }
}
