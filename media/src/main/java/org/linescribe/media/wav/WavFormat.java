package org.linescribe.media.wav;

/**
 * What a WAVE file's audio is.
 *
 * @param encoding how a sample is stored
 * @param channels 1 to 64, interleaved
 * @param sampleRateHz frames per second, 1 to 768000
 */
public record WavFormat(Encoding encoding, int channels, int sampleRateHz) {
  static final int MAX_CHANNELS = 64;
  static final int MAX_SAMPLE_RATE_HZ = 768_000;

  /** How a sample is stored, with its WAVE format tag. */
  public enum Encoding {
    PCM16(0x0001, 2),
    /** G.711 A-law. */
    ALAW(0x0006, 1),
    /** G.711 μ-law. */
    MULAW(0x0007, 1);

    private final int formatTag;
    private final int bytesPerSample;

    Encoding(int formatTag, int bytesPerSample) {
      this.formatTag = formatTag;
      this.bytesPerSample = bytesPerSample;
    }

    public int formatTag() {
      return formatTag;
    }

    public int bytesPerSample() {
      return bytesPerSample;
    }
  }

  public WavFormat {
    if (channels < 1 || channels > MAX_CHANNELS) {
      throw new IllegalArgumentException("channels: " + channels + " (expected: 1..64)");
    }
    if (sampleRateHz < 1 || sampleRateHz > MAX_SAMPLE_RATE_HZ) {
      throw new IllegalArgumentException(
          "sampleRateHz: " + sampleRateHz + " (expected: 1..768000)");
    }
  }

  /** Bytes of one sample of every channel. */
  public int bytesPerFrame() {
    return channels * encoding.bytesPerSample();
  }
}
