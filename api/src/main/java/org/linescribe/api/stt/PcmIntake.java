package org.linescribe.api.stt;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.resample.RationalResampler;

/**
 * A client's PCM, 16 bit little endian and mono, cut anywhere, on its way to the session's rate.
 *
 * <p>Thread: one at a time.
 */
final class PcmIntake {
  private static final float[] NOTHING = {};

  private final @Nullable RationalResampler resampler;
  private boolean hasOddByte;
  private byte oddByte;

  PcmIntake(int sampleRateHz, int legRateHz) {
    resampler = sampleRateHz == legRateHz ? null : new RationalResampler(sampleRateHz, legRateHz);
  }

  /** What can be given to the session now. A sample's first byte waits for its second. */
  float[] add(byte[] bytes) {
    int available = bytes.length + (hasOddByte ? 1 : 0);
    float[] samples = new float[available / 2];
    int at = 0;
    int from = 0;
    if (hasOddByte && bytes.length > 0) {
      samples[at++] = sample(oddByte, bytes[0]);
      from = 1;
    }
    for (; from + 1 < bytes.length; from += 2) {
      samples[at++] = sample(bytes[from], bytes[from + 1]);
    }
    if (available % 2 == 1 && bytes.length > 0) {
      oddByte = bytes[bytes.length - 1];
    }
    hasOddByte = available % 2 == 1;
    return convert(samples);
  }

  /** Whether half a sample waits. */
  boolean hasHalfSample() {
    return hasOddByte;
  }

  /** What a rate conversion still held back: the audio pauses or ends here. */
  float[] drain() {
    if (resampler == null) {
      return NOTHING;
    }
    float[] out = new float[resampler.maxOutput(0)];
    return Arrays.copyOf(out, resampler.drain(out, 0));
  }

  private float[] convert(float[] samples) {
    if (resampler == null || samples.length == 0) {
      return samples;
    }
    float[] out = new float[resampler.maxOutput(samples.length)];
    return Arrays.copyOf(out, resampler.process(samples, 0, samples.length, out, 0));
  }

  private static float sample(byte low, byte high) {
    return (short) ((low & 0xFF) | (high << 8)) / 32768f;
  }
}
