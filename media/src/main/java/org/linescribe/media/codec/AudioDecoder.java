package org.linescribe.media.codec;

/**
 * Decodes the payloads of one stream, in order, to 16-bit PCM at 8 kHz.
 *
 * <p>Thread: one at a time. Errors: a payload that the codec cannot read becomes silence of its
 * length; nothing from the wire throws.
 */
public interface AudioDecoder {
  /**
   * @param payload borrowed
   * @param pcm takes as many samples as {@link AudioCodec#samples} says, at most {@link
   *     AudioCodec#MAX_SAMPLES}
   * @return samples written
   */
  int decode(byte[] payload, int offset, int length, short[] pcm);
}
