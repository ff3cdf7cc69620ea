package org.linescribe.api.pipeline;

import java.util.Arrays;
import java.util.List;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.WordDistance;

/**
 * A recording of a person who says digits and how it goes over the wire.
 *
 * @param pcm mono, 16 bit, 8 kHz
 */
record HumanCall(String name, List<String> words, short[] pcm) {
  static List<HumanCall> all() {
    return HumanRecording.all().stream()
        .map(
            recording ->
                new HumanCall(
                    recording.name(), WordDistance.words(recording.words()), recording.pcm()))
        .toList();
  }

  static HumanCall named(String name) {
    return all().stream().filter(call -> call.name().equals(name)).findFirst().orElseThrow();
  }

  byte[] g711(G711Law law) {
    byte[] codes = new byte[pcm.length];
    law.encode(pcm, 0, pcm.length, codes, 0);
    return codes;
  }

  /** The audio and then silence, as long as it takes to end the last utterance. */
  byte[] g711WithSilence(G711Law law, int silenceMs) {
    byte[] speech = g711(law);
    byte[] all = new byte[speech.length + silenceMs * 8];
    Arrays.fill(all, (byte) law.encode(0));
    System.arraycopy(speech, 0, all, 0, speech.length);
    return all;
  }

  /** Substitutions, insertions and deletions that turn the words into what was heard. */
  int errors(String heard) {
    return WordDistance.between(String.join(" ", words), heard);
  }
}
