package org.linescribe.media.codec;

import org.jspecify.annotations.Nullable;
import org.linescribe.media.resample.Resampler;

/**
 * 16-bit PCM in network byte order, halved to 8 kHz where it comes at 16 kHz. Bytes that make no
 * whole sample of the timeline are left out.
 *
 * <p>Source: RFC 3551 §4.5.11.
 */
final class LinearDecoder implements AudioDecoder {
  private final @Nullable Resampler halving;
  private final short[] samples = new short[2 * AudioCodec.MAX_SAMPLES];
  private final int bytesPerSample;

  /**
   * @param rateHz 8000 or 16000
   */
  LinearDecoder(int rateHz) {
    boolean wideband = rateHz != AudioCodec.SAMPLE_RATE_HZ;
    halving = wideband ? Resampler.telephony(rateHz, AudioCodec.SAMPLE_RATE_HZ) : null;
    bytesPerSample = wideband ? 2 * Short.BYTES : Short.BYTES;
  }

  @Override
  public int decode(byte[] payload, int offset, int length, short[] pcm) {
    int count = length / bytesPerSample;
    Resampler halve = halving;
    short[] to = halve == null ? pcm : samples;
    int taken = halve == null ? count : 2 * count;
    for (int i = 0; i < taken; i++) {
      int at = offset + 2 * i;
      to[i] = (short) (payload[at] << 8 | payload[at + 1] & 0xFF);
    }
    // The filter lags and holds nothing back: two samples are always one.
    return halve == null ? count : halve.process(samples, 0, taken, pcm, 0);
  }
}
