package org.linescribe.media.codec;

import io.github.jaredmdobson.concentus.OpusApplication;
import io.github.jaredmdobson.concentus.OpusEncoder;
import io.github.jaredmdobson.concentus.OpusException;
import java.util.Arrays;

/**
 * Opus, encoded by Concentus from 8 kHz mono by its CELT layer, which keeps the waveform; the other
 * layer keeps its spectrum only and needs less.
 *
 * <p>Source: RFC 6716 §5, RFC 7587 §3.1.1.
 */
final class OpusStreamEncoder implements AudioEncoder {
  private static final int BITS_PER_S = 64_000;

  /** Of 10; higher ones are not told apart at 8 kHz and cost twice the time. */
  private static final int COMPLEXITY = 5;

  private static final int MAX_PAYLOAD_BYTES = 1275;

  private final OpusEncoder encoder;
  private final byte[] payload = new byte[MAX_PAYLOAD_BYTES];

  OpusStreamEncoder() {
    try {
      encoder =
          new OpusEncoder(
              AudioCodec.SAMPLE_RATE_HZ, 1, OpusApplication.OPUS_APPLICATION_RESTRICTED_LOWDELAY);
    } catch (OpusException e) {
      throw new IllegalStateException(e);
    }
    encoder.setBitrate(BITS_PER_S);
    encoder.setComplexity(COMPLEXITY);
  }

  @Override
  public byte[] encode(short[] pcm, int offset, int samples) {
    try {
      int bytes = encoder.encode(pcm, offset, samples, payload, 0, payload.length);
      return Arrays.copyOf(payload, bytes);
    } catch (OpusException e) {
      throw new IllegalStateException(e);
    }
  }
}
