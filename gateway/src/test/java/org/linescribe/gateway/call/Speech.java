package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import org.linescribe.media.g711.G711Law;

/** A recording of the kit, and where a timeline has it. */
final class Speech {
  private Speech() {}

  static float[] samples(SipKit kit, String name) {
    try {
      byte[] codes = Files.readAllBytes(kit.folder().resolve("audio/" + name + ".ulaw"));
      float[] pcm = new float[codes.length];
      G711Law.PCMU.decode(codes, 0, codes.length, pcm, 0);
      return pcm;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All of it, in one piece, nothing lost: the correlation at the best offset is nearly whole. */
  static void assertHeard(SipKit kit, String name, float[] timeline) {
    float[] speech = samples(kit, name);
    int offset = offset(speech, timeline, 0, speech.length);
    assertThat(correlation(speech, timeline, 0, speech.length, offset))
        .as("correlation at offset %d of %d samples", offset, timeline.length)
        .isGreaterThan(0.98);
  }

  /** Where in the timeline a part of the speech begins, counted from the speech's own begin. */
  static int offset(float[] speech, float[] timeline, int from, int to) {
    return best(speech, timeline, from, to, -from, timeline.length - to);
  }

  /** The same, looked for only within {@code reach} samples of a place. */
  static int offsetNear(float[] speech, float[] timeline, int from, int to, int place, int reach) {
    return best(
        speech,
        timeline,
        from,
        to,
        Math.max(-from, place - reach),
        Math.min(timeline.length - to, place + reach));
  }

  private static int best(float[] speech, float[] timeline, int from, int to, int first, int last) {
    int best = first;
    double highest = Double.NEGATIVE_INFINITY;
    for (int offset = first; offset <= last; offset++) {
      double dot = 0;
      // Every fourth sample finds the place; speech at 8 kHz is smooth enough for that.
      for (int i = from; i < to; i += 4) {
        dot += speech[i] * timeline[i + offset];
      }
      if (dot > highest) {
        highest = dot;
        best = offset;
      }
    }
    return best;
  }

  static double correlation(float[] speech, float[] timeline, int from, int to, int offset) {
    double dot = 0;
    double left = 0;
    double right = 0;
    for (int i = from; i < to && i + offset < timeline.length; i++) {
      dot += speech[i] * timeline[i + offset];
      left += speech[i] * speech[i];
      right += timeline[i + offset] * timeline[i + offset];
    }
    return dot / Math.sqrt(left * right + 1e-12);
  }
}
