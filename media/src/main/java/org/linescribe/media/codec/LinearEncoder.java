package org.linescribe.media.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.linescribe.media.resample.Resampler;

/** 16-bit samples in network order, at 8 kHz or doubled to 16. Source: RFC 3551 §4.5.11. */
final class LinearEncoder implements AudioEncoder {
  private final int factor;
  private final Resampler doubler =
      Resampler.telephony(AudioCodec.SAMPLE_RATE_HZ, 2 * AudioCodec.SAMPLE_RATE_HZ);

  /**
   * @param factor samples of the payload for each of the timeline: 1 or 2
   */
  LinearEncoder(int factor) {
    this.factor = factor;
  }

  @Override
  public byte[] encode(short[] pcm, int offset, int samples) {
    short[] out = new short[factor == 1 ? samples : doubler.maxOutput(samples)];
    if (factor == 1) {
      System.arraycopy(pcm, offset, out, 0, samples);
    } else {
      doubler.process(pcm, offset, samples, out, 0);
    }
    ByteBuffer payload = ByteBuffer.allocate(samples * factor * Short.BYTES);
    payload.asShortBuffer().put(Arrays.copyOf(out, samples * factor));
    return payload.array();
  }
}
