package org.linescribe.media.g711;

/**
 * The two laws of G.711 at 8 kHz, one byte a sample, decoded to and encoded from 16-bit PCM by
 * table.
 *
 * <p>A code's value is that of the Recommendation's tables, left-justified in 16 bits: ±32124 is μ-
 * law's largest, ±32256 A-law's.
 *
 * <p>Thread: any; immutable. Errors: an offset or length outside its array is the caller's bug and
 * throws {@link IndexOutOfBoundsException}; no byte is invalid. Source: ITU-T G.711 (11/88) tables
 * 1a, 1b, 2a, 2b; RFC 3551 §4.5.14 for the payload types.
 */
public enum G711Law {
  /** μ-law, static RTP payload type 0. */
  PCMU(0, 0xFF) {
    @Override
    short expand(int code) {
      int inverted = ~code & 0xFF;
      int segment = inverted >> 4 & 7;
      int magnitude = ((((inverted & 0x0F) << 3) + MU_BIAS) << segment) - MU_BIAS;
      return (short) (inverted >> 7 == 0 ? magnitude : -magnitude);
    }

    @Override
    int compress(int pcm16) {
      // One's complement for negative values: a value on a decision level belongs to the interval
      // nearer to zero, as in the ITU's reference software (G.191).
      int magnitude = Math.min((pcm16 < 0 ? ~pcm16 : pcm16) + MU_BIAS, 0x7FFF);
      int segment = 24 - Integer.numberOfLeadingZeros(magnitude);
      int code = segment << 4 | magnitude >> segment + 3 & 0x0F;
      return ~(pcm16 < 0 ? code | 0x80 : code) & 0xFF;
    }
  },

  /** A-law, static RTP payload type 8. */
  PCMA(8, 0xD5) {
    @Override
    short expand(int code) {
      int toggled = code ^ 0x55;
      int segment = toggled >> 4 & 7;
      int mantissa = (toggled & 0x0F) << 4 | 8;
      int magnitude = segment == 0 ? mantissa : mantissa + 0x100 << segment - 1;
      return (short) (toggled >> 7 == 1 ? magnitude : -magnitude);
    }

    @Override
    int compress(int pcm16) {
      int magnitude = pcm16 < 0 ? ~pcm16 : pcm16;
      int segment = Math.max(0, 24 - Integer.numberOfLeadingZeros(magnitude));
      int code = segment << 4 | magnitude >> Math.max(1, segment) + 3 & 0x0F;
      return (pcm16 < 0 ? code : code | 0x80) ^ 0x55;
    }
  };

  /** Rate of both laws' samples. */
  public static final int SAMPLE_RATE_HZ = 8000;

  private static final int MU_BIAS = 33 << 2;

  private final int payloadType;
  private final int idleCode;
  private final short[] linear = new short[256];
  private final byte[] codes = new byte[1 << 16];

  G711Law(int payloadType, int idleCode) {
    this.payloadType = payloadType;
    this.idleCode = idleCode;
    for (int code = 0; code < 256; code++) {
      linear[code] = expand(code);
    }
    for (int pcm16 = Short.MIN_VALUE; pcm16 <= Short.MAX_VALUE; pcm16++) {
      codes[pcm16 & 0xFFFF] = (byte) compress(pcm16);
    }
  }

  abstract short expand(int code);

  abstract int compress(int pcm16);

  /** The static RTP payload type: 0 or 8. */
  public int payloadType() {
    return payloadType;
  }

  /** The code of silence, 0..255: positive zero. */
  public int idleCode() {
    return idleCode;
  }

  /**
   * @param code 0..255; higher bits are ignored, so that a byte may be given as it is
   * @return 16-bit PCM
   */
  public short decode(int code) {
    return linear[code & 0xFF];
  }

  /**
   * @param pcm16 -32768..32767; higher bits are ignored
   * @return the code, 0..255
   */
  public int encode(int pcm16) {
    return codes[pcm16 & 0xFFFF] & 0xFF;
  }

  /** Decodes {@code length} codes to 16-bit PCM. */
  public void decode(byte[] src, int offset, int length, short[] dst, int dstOffset) {
    for (int i = 0; i < length; i++) {
      dst[dstOffset + i] = linear[src[offset + i] & 0xFF];
    }
  }

  /** Encodes {@code length} samples of 16-bit PCM. */
  public void encode(short[] src, int offset, int length, byte[] dst, int dstOffset) {
    for (int i = 0; i < length; i++) {
      dst[dstOffset + i] = codes[src[offset + i] & 0xFFFF];
    }
  }
}
