package org.linescribe.session.recordings;

/**
 * The shape of a recording's audio: 16-bit PCM, interleaved.
 *
 * @param sampleRateHz 1000 to 384000
 * @param channels 1 or 2
 */
public record AudioShape(int sampleRateHz, int channels) {
  public AudioShape {
    if (sampleRateHz < 1000 || sampleRateHz > 384_000 || channels < 1 || channels > 8) {
      throw new IllegalArgumentException(
          "shape: %s Hz, %s channels (expected: 1000..384000, 1..8)"
              .formatted(sampleRateHz, channels));
    }
  }

  public int bytesPerFrame() {
    return 2 * channels;
  }
}
