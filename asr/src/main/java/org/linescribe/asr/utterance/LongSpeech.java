package org.linescribe.asr.utterance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;

/**
 * Splits speech that is too long to be decoded at once: where the two sides, each decoded alone,
 * read as the whole does. There no word is lost, doubled or guessed, as far as the model can tell.
 *
 * <p>Positions are tried in the order of what speaks for them: how quiet it is, and whether a
 * sentence ends about there. Pure but for the decoder; thread: a decode thread.
 */
final class LongSpeech {
  private static final int FRAMES_PER_SECOND = 100;

  /** Of either side: shorter ones hold too little to be decoded alone. */
  private static final double LEAST_HEAD_SECONDS = 2.5;

  private static final double LEAST_TAIL_SECONDS = 0.6;

  /** Over how long a position must be quiet: the closure of a "t" is about as long. */
  private static final int QUIET_FRAMES = 6;

  /** Between two positions that are tried. */
  private static final int APART_FRAMES = 15;

  private static final int CANDIDATES = 3;

  /** What a sentence's end is worth against loudness, in dB. */
  private static final double SENTENCE_DB = 20;

  /** How far the end of a sentence may be from where its share of the letters says, in seconds. */
  private static final double SENTENCE_SPREAD = 0.5;

  /** What a longer head is worth, in dB per second: there are fewer cuts then. */
  private static final double LATER_DB = 2;

  private static final double LEAST_ENERGY = 1e-9;

  private LongSpeech() {}

  /**
   * A split.
   *
   * @param at samples of the audio before it
   * @param head what is said before it
   * @param nextWord the word behind it, as the whole writes it; empty where it is not known
   */
  record Split(int at, Hypothesis head, String nextWord) {}

  /**
   * @param pcm at least four seconds at the decoder's rate; borrowed
   * @param startMs where it begins on the leg's timeline
   */
  static Split split(WholeDecoder decoder, float[] pcm, long startMs) {
    List<String> whole = SpokenText.words(decoder.decode(pcm, startMs).text());
    @Nullable Split best = null;
    int fewest = Integer.MAX_VALUE;
    for (int at : candidates(pcm, decoder.sampleRateHz(), whole)) {
      Hypothesis head = decoder.decode(Arrays.copyOf(pcm, at), startMs);
      long tailMs = startMs + at * 1000L / decoder.sampleRateHz();
      Hypothesis tail = decoder.decode(Arrays.copyOfRange(pcm, at, pcm.length), tailMs);
      SpokenText.Boundary boundary =
          SpokenText.boundary(whole, SpokenText.words(head.text()), SpokenText.words(tail.text()));
      if (boundary.differences() < fewest) {
        fewest = boundary.differences();
        best = decoder.isTimed() ? new Split(at, head, "") : written(at, head, whole, boundary);
      }
      if (fewest == 0) {
        break;
      }
    }
    return Objects.requireNonNull(best);
  }

  /**
   * The text of audio of any length.
   *
   * @param pcm at the decoder's rate; borrowed
   */
  static Hypothesis decode(WholeDecoder decoder, float[] pcm, long startMs) {
    int rateHz = decoder.sampleRateHz();
    int longest = (int) ((long) decoder.maxMs() * rateHz / 1000);
    if (pcm.length <= longest) {
      return decoder.decode(pcm, startMs);
    }
    Split split = split(decoder, Arrays.copyOf(pcm, longest), startMs);
    Hypothesis rest =
        decode(
            decoder,
            Arrays.copyOfRange(pcm, split.at(), pcm.length),
            startMs + split.at() * 1000L / rateHz);
    String tail = SpokenText.beginWith(split.nextWord(), rest.text());
    return new Hypothesis(
        SpokenText.join(split.head().text(), tail),
        Stream.concat(split.head().tokens().stream(), rest.tokens().stream()).toList(),
        startMs,
        Math.max(startMs, rest.endMs()),
        split.head().language());
  }

  /** What is given ends with a full stop, always: the whole knows whether the sentence goes on. */
  private static Split written(
      int at, Hypothesis head, List<String> whole, SpokenText.Boundary boundary) {
    if (boundary.differences() > 0 || boundary.at() >= whole.size()) {
      return new Split(at, head, "");
    }
    List<String> words = new ArrayList<>(SpokenText.words(head.text()));
    words.set(words.size() - 1, whole.get(boundary.at() - 1));
    return new Split(
        at,
        new Hypothesis(
            String.join(" ", words), head.tokens(), head.startMs(), head.endMs(), head.language()),
        whole.get(boundary.at()));
  }

  /** Positions to try, the best first. */
  private static List<Integer> candidates(float[] pcm, int rateHz, List<String> words) {
    int frame = rateHz / FRAMES_PER_SECOND;
    double[] quiet = loudness(pcm, frame);
    double seconds = pcm.length / (double) rateHz;
    List<Double> ends = sentenceEnds(words, seconds);
    int from = (int) (LEAST_HEAD_SECONDS * FRAMES_PER_SECOND);
    int to = (int) ((seconds - LEAST_TAIL_SECONDS) * FRAMES_PER_SECOND);
    double[] worth = new double[quiet.length];
    List<Integer> frames = new ArrayList<>();
    for (int i = from; i < Math.min(to, quiet.length); i++) {
      double at = (double) i / FRAMES_PER_SECOND;
      worth[i] = at * LATER_DB - quiet[i];
      for (double end : ends) {
        double off = (at - end) / SENTENCE_SPREAD;
        worth[i] += SENTENCE_DB * Math.exp(-off * off);
      }
      frames.add(i);
    }
    frames.sort(Comparator.comparingDouble(i -> -worth[i]));
    List<Integer> best = new ArrayList<>();
    for (int i : frames) {
      if (best.stream().allMatch(other -> Math.abs(other - i) >= APART_FRAMES)) {
        best.add(i);
      }
      if (best.size() == CANDIDATES) {
        break;
      }
    }
    return best.stream().map(i -> i * frame).toList();
  }

  /** In dB, of what is around the begin of each frame. */
  private static double[] loudness(float[] pcm, int frame) {
    double[] sums = new double[pcm.length / frame + 1];
    for (int i = 0; i + 1 < sums.length; i++) {
      double energy = 0;
      for (int k = i * frame; k < (i + 1) * frame; k++) {
        energy += pcm[k] * pcm[k];
      }
      sums[i + 1] = sums[i] + energy;
    }
    double[] loudness = new double[sums.length];
    for (int i = 0; i < sums.length; i++) {
      int from = Math.max(0, i - QUIET_FRAMES / 2);
      int to = Math.min(sums.length - 1, i + QUIET_FRAMES / 2);
      double mean = (sums[to] - sums[from]) / Math.max(1, to - from) / frame;
      loudness[i] = 10 * Math.log10(mean + LEAST_ENERGY);
    }
    return loudness;
  }

  /** About when the sentences end that another one follows. */
  private static List<Double> sentenceEnds(List<String> words, double seconds) {
    int all = Math.max(1, words.stream().mapToInt(SpokenText::letters).sum());
    List<Double> ends = new ArrayList<>();
    int seen = 0;
    for (String word : words.subList(0, Math.max(0, words.size() - 1))) {
      seen += SpokenText.letters(word);
      if (SpokenText.endsSentence(word)) {
        ends.add(seconds * seen / all);
      }
    }
    return ends;
  }
}
