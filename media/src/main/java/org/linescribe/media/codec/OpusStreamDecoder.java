package org.linescribe.media.codec;

import io.github.jaredmdobson.concentus.OpusDecoder;
import io.github.jaredmdobson.concentus.OpusException;
import java.util.Arrays;

/**
 * Opus, decoded by Concentus (the reference decoder in pure Java) straight to 8 kHz mono, whatever
 * bandwidth and channels were coded.
 *
 * <p>Source: RFC 6716 §3.
 */
final class OpusStreamDecoder implements AudioDecoder {
  /** 120 ms, the most that a packet may last (RFC 6716 §3.2.5). */
  private static final int MAX_PACKET_SAMPLES = 960;

  private OpusDecoder decoder = create();

  private static OpusDecoder create() {
    try {
      return new OpusDecoder(AudioCodec.SAMPLE_RATE_HZ, 1);
    } catch (OpusException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How long a packet lasts; 0 where it is none. Source: RFC 6716 §3.1, §3.2. */
  static int samples(byte[] payload, int offset, int length) {
    if (length == 0) {
      return 0;
    }
    int config = payload[offset] >> 3 & 0x1F;
    int frame;
    if (config < 12) {
      frame = new int[] {80, 160, 320, 480}[config & 3];
    } else if (config < 16) {
      frame = 80 << (config & 1);
    } else {
      frame = 20 << (config & 3);
    }
    int frames =
        switch (payload[offset] & 3) {
          case 0 -> 1;
          case 1, 2 -> 2;
          default -> length < 2 ? 0 : payload[offset + 1] & 0x3F;
        };
    int samples = frame * frames;
    return samples > MAX_PACKET_SAMPLES ? 0 : samples;
  }

  @Override
  public int decode(byte[] payload, int offset, int length, short[] pcm) {
    int samples = samples(payload, offset, length);
    if (samples == 0) {
      return 0;
    }
    int decoded = 0;
    try {
      decoded = decoder.decode(payload, offset, length, pcm, 0, samples, false);
    } catch (OpusException | RuntimeException | AssertionError e) {
      // The library asserts and runs out of arrays where the bytes are damaged.
      decoder = create();
    }
    if (decoded < samples) {
      Arrays.fill(pcm, Math.max(0, decoded), samples, (short) 0);
    }
    return samples;
  }
}
