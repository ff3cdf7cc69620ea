package org.linescribe.media.format;

/**
 * What a decoder is to make of which bytes: 16-bit PCM of a rate and a number of channels.
 *
 * @param sampleRateHz rate of the PCM that comes out, 8000 to 192000
 * @param channels channels of the PCM that comes out, 1 or 2; FFmpeg mixes down or doubles
 */
public record DecodeRequest(AudioInput input, int sampleRateHz, int channels, DecodeLimits limits) {
  public DecodeRequest {
    require("sampleRateHz", sampleRateHz, 8000, 192_000);
    require("channels", channels, 1, 2);
  }

  /** One channel, as recognition takes it. */
  public static DecodeRequest mono(AudioInput input, int sampleRateHz, DecodeLimits limits) {
    return new DecodeRequest(input, sampleRateHz, 1, limits);
  }

  int bytesPerFrame() {
    return channels * Short.BYTES;
  }

  static void require(String name, int value, int low, int high) {
    if (value < low || value > high) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + low + ".." + high + ")");
    }
  }
}
