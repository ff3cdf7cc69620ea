package org.linescribe.api.audiosessions;

import java.util.List;

/**
 * What a session's file holds: 16-bit PCM, interleaved.
 *
 * @param sampleRateHz one of {@link #SAMPLE_RATES_HZ}
 * @param channels 1 or 2
 */
record AudioShape(int sampleRateHz, int channels) {
  static final List<Integer> SAMPLE_RATES_HZ = List.of(8000, 16000, 22050, 44100, 48000, 96000);
  static final List<Integer> CHANNELS = List.of(1, 2);
  static final List<String> FORMATS = List.of("wav", "mp3", "flac", "aac");

  AudioShape {
    if (!SAMPLE_RATES_HZ.contains(sampleRateHz) || !CHANNELS.contains(channels)) {
      throw new IllegalArgumentException(
          "shape: " + sampleRateHz + " Hz, " + channels + " channels");
    }
  }

  int bytesPerFrame() {
    return 2 * channels;
  }
}
