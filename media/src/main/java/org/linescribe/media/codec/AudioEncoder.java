package org.linescribe.media.codec;

/**
 * Encodes one stream at 8 kHz, in order, to the payloads of its packets.
 *
 * <p>Thread: one at a time.
 */
public interface AudioEncoder {
  /**
   * @param pcm mono, 16-bit; borrowed
   * @param samples a length that {@link AudioCodec#hasSilenceOf}
   * @return the payload of one packet
   */
  byte[] encode(short[] pcm, int offset, int samples);
}
