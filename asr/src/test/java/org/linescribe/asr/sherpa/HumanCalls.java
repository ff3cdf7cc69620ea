package org.linescribe.asr.sherpa;

import java.util.List;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.resample.Resampler;
import org.linescribe.testsupport.HumanRecording;

/** Recordings of people who say digits, 8 kHz, as a phone would deliver them. */
final class HumanCalls {
  /** A recording: file, what is said, and 8 kHz samples. */
  record Call(String file, String words, short[] pcm) {
    /** Coded and decoded by the law, at 8 kHz, with silence appended. */
    short[] phone(G711Law law, int silenceMs) {
      short[] heard = java.util.Arrays.copyOf(pcm, pcm.length + silenceMs * 8);
      byte[] coded = new byte[heard.length];
      law.encode(heard, 0, heard.length, coded, 0);
      law.decode(coded, 0, coded.length, heard, 0);
      return heard;
    }

    /** The same, doubled to 16 kHz. */
    float[] throughPhone(G711Law law, int silenceMs) {
      short[] heard = phone(law, silenceMs);
      float[] wide = new float[heard.length * 2];
      Resampler.telephony(8000, 16_000).process(heard, 0, heard.length, wide, 0);
      return wide;
    }
  }

  private HumanCalls() {}

  static List<Call> all() {
    return HumanRecording.all().stream()
        .map(recording -> new Call(recording.name(), recording.words(), recording.pcm()))
        .toList();
  }
}
