package org.linescribe.api.audio;

import java.util.List;
import java.util.Optional;

/**
 * What a client says of its audio.
 *
 * @param sampleRateHz one of {@link #SAMPLE_RATES_HZ}
 * @param channels interleaved, 1 to 8
 */
public record AudioFormat(Encoding encoding, int sampleRateHz, int channels) {
  /** The rates that are converted: for each of them a filter is kept. */
  public static final List<Integer> SAMPLE_RATES_HZ =
      List.of(8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 96_000);

  public static final int MAX_CHANNELS = 8;

  /** How a sample is written. */
  public enum Encoding {
    /** G.711 μ-law. */
    PCMU(1),
    /** G.711 A-law. */
    PCMA(1),
    /** 16-bit, little endian. */
    PCM16(2),
    /** 32-bit IEEE 754 in [-1, 1], little endian. */
    FLOAT32(4),
    /** A container of any kind that FFmpeg reads, told by its first bytes, else {@link #PCM16}. */
    CONTAINER(2);

    private final int bytes;

    Encoding(int bytes) {
      this.bytes = bytes;
    }

    /** Bytes of one sample. */
    public int bytes() {
      return bytes;
    }
  }

  public AudioFormat {
    if (!SAMPLE_RATES_HZ.contains(sampleRateHz)) {
      throw new IllegalArgumentException(
          "sample rate: " + sampleRateHz + " (expected: one of " + SAMPLE_RATES_HZ + ")");
    }
    if (channels < 1 || channels > MAX_CHANNELS) {
      throw new IllegalArgumentException(
          "channels: " + channels + " (expected: 1 to " + MAX_CHANNELS + ")");
    }
  }

  /**
   * The encoding of a name as protocols and media types have it: "mulaw", "audio/x-mulaw", "PCMU",
   * "alaw", "linear16", "L16", "audio/x-l16", "pcm16".
   */
  public static Optional<Encoding> encoding(String name) {
    String plain = name.strip().toLowerCase(java.util.Locale.ROOT);
    if (plain.startsWith("audio/")) {
      plain = plain.substring("audio/".length());
    }
    if (plain.startsWith("x-")) {
      plain = plain.substring("x-".length());
    }
    return switch (plain) {
      case "mulaw", "pcmu", "ulaw", "g711_ulaw" -> Optional.of(Encoding.PCMU);
      case "alaw", "pcma", "g711_alaw" -> Optional.of(Encoding.PCMA);
      case "linear16", "l16", "pcm16", "pcm", "raw", "slin" -> Optional.of(Encoding.PCM16);
      default -> Optional.empty();
    };
  }

  /** The rate of the session's legs. */
  public int legRateHz() {
    return LegConverter.legRateHz(sampleRateHz);
  }

  int frameBytes() {
    return encoding.bytes() * channels;
  }
}
