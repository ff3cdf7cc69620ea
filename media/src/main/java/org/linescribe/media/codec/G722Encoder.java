package org.linescribe.media.codec;

/**
 * G.722 at 64 kbit/s from 8 kHz: the audio is the lower sub-band as it is, and the upper one is
 * silent, so that no analysis filter is needed. A receiver's synthesis filter makes 16 kHz of it.
 *
 * <p>Source: ITU-T G.722 (09/2012) §6.2.
 */
final class G722Encoder implements AudioEncoder {
  /** The smallest step of the upper sub-band. */
  private static final int SILENT_UPPER_BAND = G722Decoder.IDLE_CODE & 0xC0;

  private final G722LowerBand band = new G722LowerBand();

  @Override
  public byte[] encode(short[] pcm, int offset, int samples) {
    byte[] payload = new byte[samples];
    for (int i = 0; i < samples; i++) {
      int code = band.nearest(pcm[offset + i] >> 1);
      band.adapt(code);
      payload[i] = (byte) (SILENT_UPPER_BAND | code);
    }
    return payload;
  }
}
