package org.linescribe.media.codec;

/**
 * G.722 at 64 kbit/s, decoded to 8 kHz: the lower sub-band alone, which is the speech below 4 kHz
 * as it was sampled at 8 kHz, before the synthesis filter doubles the rate. The upper sub-band and
 * the filter are left out, and no resampler is needed.
 *
 * <p>There is no library of it in pure Java that is kept.
 *
 * <p>Source: ITU-T G.722 (09/2012) §6.2, tables 14 to 21.
 */
final class G722Decoder implements AudioDecoder {
  /** Every byte of it is silence: the smallest step up in the lower band, in the upper as well. */
  static final int IDLE_CODE = 0xFD;

  private final G722LowerBand band = new G722LowerBand();

  @Override
  public int decode(byte[] payload, int offset, int length, short[] pcm) {
    for (int i = 0; i < length; i++) {
      int code = payload[offset + i] & 0x3F;
      // 15 bits in the sub-band.
      pcm[i] = (short) (band.reconstructed(code) << 1);
      band.adapt(code);
    }
    return length;
  }
}
