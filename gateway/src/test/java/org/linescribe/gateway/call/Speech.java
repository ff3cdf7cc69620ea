package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.ProjectFiles;

/** A recording of the kit, and where a timeline has it. */
final class Speech {
  /**
   * What is heard correlates so with what was played, wherever nothing is lost on the way. G.711
   * and G.722 keep the wave's form; Opus does at 64 kbit/s, and less so from an encoder that
   * chooses fewer.
   */
  static final double LEAST = 0.99;

  private Speech() {}

  static short[] samples(String name) {
    try {
      byte[] codes = Files.readAllBytes(ProjectFiles.sipKit().resolve("audio/" + name + ".ulaw"));
      short[] pcm = new short[codes.length];
      G711Law.PCMU.decode(codes, 0, codes.length, pcm, 0);
      return pcm;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All of it, in one piece, nothing lost: the correlation at the best offset is nearly whole. */
  static void assertHeard(String name, short[] timeline) {
    short[] speech = samples(name);
    int offset = offset(speech, timeline, 0, speech.length);
    assertThat(correlation(speech, timeline, 0, speech.length, offset))
        .as("correlation at offset %d of %d samples", offset, timeline.length)
        .isGreaterThanOrEqualTo(LEAST);
  }

  /** Where in the timeline a part of the speech begins, counted from the speech's own begin. */
  static int offset(short[] speech, short[] timeline, int from, int to) {
    return best(speech, timeline, from, to, -from, timeline.length - to);
  }

  /** The same, looked for only within {@code reach} samples of a place. */
  static int offsetNear(short[] speech, short[] timeline, int from, int to, int place, int reach) {
    return best(
        speech,
        timeline,
        from,
        to,
        Math.max(-from, place - reach),
        Math.min(timeline.length - to, place + reach));
  }

  private static int best(short[] speech, short[] timeline, int from, int to, int first, int last) {
    int best = first;
    double highest = Double.NEGATIVE_INFINITY;
    for (int offset = first; offset <= last; offset++) {
      double dot = 0;
      // Every fourth sample finds the place; speech at 8 kHz is smooth enough for that.
      for (int i = from; i < to; i += 4) {
        dot += (double) speech[i] * timeline[i + offset];
      }
      if (dot > highest) {
        highest = dot;
        best = offset;
      }
    }
    return best;
  }

  /**
   * What another program plays is heard as it was: the piece of it that is heard best correlates at
   * least {@link #LEAST}. Not all of it, for such a program skips or repeats some of its own audio
   * when the machine stalls, and none of that is the gateway's.
   *
   * @param pieceMs what such a program plays without a break on a machine that others load
   */
  static void assertPieceHeard(String what, short[] timeline, int pieceMs) {
    assertPieceHeard(what, samples("speech"), timeline, pieceMs, LEAST);
  }

  /** The same of another recording. */
  static void assertPieceHeard(String what, short[] speech, short[] timeline, int pieceMs) {
    assertPieceHeard(what, speech, timeline, pieceMs, LEAST);
  }

  /** The same of what a codec changes more than others. */
  static void assertPieceHeard(
      String what, short[] speech, short[] timeline, int pieceMs, double least) {
    int piece = pieceMs * 8;
    double best = 0;
    for (int from = 0; from + piece <= speech.length && best < least; ) {
      // A pause correlates with anything, or nothing.
      if (power(speech, from, from + piece) > power(speech, 0, speech.length)) {
        best = Math.max(best, bestCorrelation(speech, timeline, from, from + piece));
      }
      from += piece / 4;
    }
    System.out.printf("%s: correlation %.4f with what was played%n", what, best);
    assertThat(best).as(what).isGreaterThanOrEqualTo(least);
  }

  private static double power(short[] pcm, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += (double) pcm[i] * pcm[i];
    }
    return sum / (to - from);
  }

  /**
   * The correlation at the best delay, which may be a part of a sample: a codec that samples at
   * another rate delays by no whole number of ours.
   */
  static double bestCorrelation(short[] speech, short[] timeline, int from, int to) {
    int offset = offset(speech, timeline, from, to);
    double best = 0;
    for (int eighths = -8; eighths <= 8; eighths++) {
      short[] moved = delayed(timeline, eighths / 8.0);
      best = Math.max(best, correlation(speech, moved, from, to, offset));
    }
    return best;
  }

  /** By a windowed sinc. */
  private static short[] delayed(short[] pcm, double samples) {
    int reach = 16;
    double[] taps = new double[2 * reach + 1];
    for (int k = -reach; k <= reach; k++) {
      double x = Math.PI * (k - samples);
      double window = 0.5 + 0.5 * Math.cos(Math.PI * k / (reach + 1));
      taps[k + reach] = window * (Math.abs(x) < 1e-9 ? 1 : Math.sin(x) / x);
    }
    short[] moved = new short[pcm.length];
    for (int i = reach; i < pcm.length - reach; i++) {
      double sum = 0;
      for (int k = -reach; k <= reach; k++) {
        sum += taps[k + reach] * pcm[i - k];
      }
      moved[i] = (short) Math.clamp(Math.round(sum), Short.MIN_VALUE, Short.MAX_VALUE);
    }
    return moved;
  }

  static double correlation(short[] speech, short[] timeline, int from, int to, int offset) {
    double dot = 0;
    double left = 0;
    double right = 0;
    for (int i = from; i < to && i + offset < timeline.length; i++) {
      dot += (double) speech[i] * timeline[i + offset];
      left += (double) speech[i] * speech[i];
      right += (double) timeline[i + offset] * timeline[i + offset];
    }
    return dot / Math.sqrt(left * right + 1e-12);
  }
}
