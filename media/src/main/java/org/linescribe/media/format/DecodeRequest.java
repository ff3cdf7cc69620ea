package org.linescribe.media.format;

/**
 * What a decoder is to make of which bytes.
 *
 * @param sampleRateHz rate of the PCM that comes out, 8000 to 192000
 * @param channels channels of the PCM that comes out, 1 or 2; FFmpeg mixes down or doubles
 */
public record DecodeRequest(
    AudioInput input, int sampleRateHz, int channels, SampleFormat format, DecodeLimits limits) {
  public DecodeRequest {
    require("sampleRateHz", sampleRateHz, 8000, 192_000);
    require("channels", channels, 1, 2);
  }

  /** Mono floats, as recognition takes them. */
  public static DecodeRequest monoFloats(AudioInput input, int sampleRateHz, DecodeLimits limits) {
    return new DecodeRequest(input, sampleRateHz, 1, SampleFormat.FLOAT32, limits);
  }

  int bytesPerFrame() {
    return channels * format.bytes();
  }

  static void require(String name, int value, int low, int high) {
    if (value < low || value > high) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + low + ".." + high + ")");
    }
  }
}
