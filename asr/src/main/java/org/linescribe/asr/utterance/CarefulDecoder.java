package org.linescribe.asr.utterance;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Token;

/**
 * Decodes again what a decoder that has lost its way wrote: one that repeats itself until its
 * length is used up. Its halves are decoded, or, where it is short, the audio with somewhat less in
 * front; what still looks lost is told as it was, because people do repeat themselves.
 *
 * <p>Thread: any, as the decoder's. The decoder stays the caller's.
 */
final class CarefulDecoder extends DecoderView {
  /** Halves of less hold no phrase. */
  private static final double LEAST_SECONDS = 3;

  /** Of the whole, on either side of its middle, where the quietest place is looked for. */
  private static final double SEARCH_SHARE = 0.2;

  CarefulDecoder(WholeDecoder decoder) {
    super(decoder);
  }

  @Override
  public Hypothesis decode(float[] pcm, long startMs) {
    Hypothesis heard = decoder.decode(pcm, startMs);
    double seconds = pcm.length / (double) sampleRateHz();
    if (SpokenText.isPlausible(heard.text(), seconds)) {
      return heard;
    }
    Hypothesis other = seconds >= LEAST_SECONDS ? inHalves(pcm, startMs) : heard;
    for (int cutMs : new int[] {100, 300}) {
      if (SpokenText.isPlausible(other.text(), seconds)) {
        return other;
      }
      int cut = Math.min(pcm.length / 4, cutMs * sampleRateHz() / 1000);
      other =
          decoder.decode(
              Arrays.copyOfRange(pcm, cut, pcm.length), startMs + cut * 1000L / sampleRateHz());
    }
    return SpokenText.isPlausible(other.text(), seconds) ? other : heard;
  }

  private Hypothesis inHalves(float[] pcm, long startMs) {
    int at = quietest(pcm);
    Hypothesis head = decode(Arrays.copyOf(pcm, at), startMs);
    Hypothesis tail =
        decode(Arrays.copyOfRange(pcm, at, pcm.length), startMs + at * 1000L / sampleRateHz());
    List<Token> tokens = Stream.concat(head.tokens().stream(), tail.tokens().stream()).toList();
    return new Hypothesis(
        SpokenText.join(head.text(), tail.text()),
        tokens,
        Math.min(head.startMs(), tail.endMs()),
        tail.endMs(),
        head.language());
  }

  private int quietest(float[] pcm) {
    int frame = sampleRateHz() / 20;
    int best = pcm.length / 2;
    double least = Double.MAX_VALUE;
    int to = (int) (pcm.length * (0.5 + SEARCH_SHARE)) - frame;
    for (int at = (int) (pcm.length * (0.5 - SEARCH_SHARE)); at < to; at += frame / 5) {
      double energy = 0;
      for (int i = at; i < at + frame; i++) {
        energy += pcm[i] * pcm[i];
      }
      if (energy < least) {
        least = energy;
        best = at + frame / 2;
      }
    }
    return best;
  }
}
