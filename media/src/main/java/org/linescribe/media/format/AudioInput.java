package org.linescribe.media.format;

/** What a decoder is given. */
public sealed interface AudioInput {
  /** A container or a self-framed codec. */
  record Container(ContainerFormat format) implements AudioInput {}

  /**
   * Headerless 16-bit signed little-endian PCM, interleaved.
   *
   * @param sampleRateHz 1000 to 384000
   * @param channels 1 to 8
   */
  record RawPcm16(int sampleRateHz, int channels) implements AudioInput {
    public RawPcm16 {
      DecodeRequest.require("sampleRateHz", sampleRateHz, 1000, 384_000);
      DecodeRequest.require("channels", channels, 1, 8);
    }
  }

  static AudioInput container(ContainerFormat format) {
    return new Container(format);
  }

  /** A container that FFmpeg recognises by its first bytes. */
  static AudioInput auto() {
    return new Container(ContainerFormat.AUTO);
  }
}
