package org.linescribe.asr.utterance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Token;

/**
 * Splits speech that is too long to be decoded at once, or whose first sentences have ended: where
 * the two sides, each decoded alone, read as the whole does. There no word is lost, doubled or
 * guessed, as far as the model can tell.
 *
 * <p>Positions are tried in the order of what speaks for them: how quiet it is, and whether a
 * sentence ends about there. Pure but for the decoder; thread: a decode thread.
 */
final class LongSpeech {
  private static final int FRAMES_PER_SECOND = 100;

  /** Of either side: shorter ones hold too little to be decoded alone. */
  private static final double LEAST_HEAD_SECONDS = 2.5;

  private static final double LEAST_TAIL_SECONDS = 0.6;

  /** So long at most has the end of the head been waited for. */
  private static final double MOST_TAIL_SECONDS = 3;

  /** Over how long a position must be quiet: the closure of a "t" is about as long. */
  private static final int QUIET_FRAMES = 6;

  /** Between two positions that are tried. */
  private static final int APART_FRAMES = 15;

  private static final int CANDIDATES = 3;

  /** What a sentence's end is worth against loudness, in dB. */
  private static final double SENTENCE_DB = 20;

  /** How far the end of a sentence may be from where its share of the letters says, in seconds. */
  private static final double SENTENCE_SPREAD = 0.5;

  /** How far from there a sentence's end is looked for, in seconds. */
  private static final double SENTENCE_SEARCH = 1;

  /** Words behind a sentence's end without which it may still change. */
  private static final int WORDS_BEHIND = 3;

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
   * @param audio at least four seconds at the decoder's rate, of which the decoder gets what it can
   *     take; borrowed
   * @param startMs where it begins on the leg's timeline
   * @param reading what is said in it; empty where that is not known yet
   */
  static Split split(WholeDecoder decoder, float[] audio, long startMs, List<String> reading) {
    float[] pcm = Arrays.copyOf(audio, Math.min(audio.length, longest(decoder)));
    List<String> whole =
        reading.isEmpty() ? SpokenText.words(decoder.decode(pcm, startMs).text()) : reading;
    double seconds = pcm.length / (double) decoder.sampleRateHz();
    Range range =
        new Range(
            Math.max(LEAST_HEAD_SECONDS, seconds - MOST_TAIL_SECONDS),
            seconds - LEAST_TAIL_SECONDS);
    @Nullable Tried best = null;
    for (int at : places(pcm, decoder.sampleRateHz(), range, sentenceEnds(whole, seconds))) {
      Tried tried = tryAt(decoder, pcm, startMs, whole, at);
      if (best == null || tried.boundary().differences() < best.boundary().differences()) {
        best = tried;
      }
      if (best.boundary().differences() == 0) {
        break;
      }
    }
    return Objects.requireNonNull(best).split();
  }

  /**
   * How many words of a reading are sentences that have ended: the reading before had them too, and
   * somebody has gone on speaking since. Zero where none has.
   */
  static int endedWords(List<String> before, List<String> now) {
    int ended = 0;
    for (int i = 0; i + WORDS_BEHIND < now.size() && i + 1 < before.size(); i++) {
      if (!now.get(i).equals(before.get(i))) {
        break;
      }
      ended = SpokenText.endsSentence(now.get(i)) ? i + 1 : ended;
    }
    return ended;
  }

  /**
   * Splits behind sentences that have ended.
   *
   * @param pcm at the decoder's rate; borrowed
   * @param startMs where it begins on the leg's timeline
   * @param whole what is said in it
   * @param ended how many words of that are the sentences
   * @return null where the sides do not read as the whole does
   */
  static @Nullable Split splitSentences(
      WholeDecoder decoder, float[] pcm, long startMs, List<String> whole, int ended) {
    double seconds = pcm.length / (double) decoder.sampleRateHz();
    double end = secondsOf(whole, ended, seconds);
    Range range =
        new Range(
            Math.max(LEAST_HEAD_SECONDS, end - SENTENCE_SEARCH),
            Math.min(seconds - LEAST_TAIL_SECONDS, end + SENTENCE_SEARCH));
    for (int at : places(pcm, decoder.sampleRateHz(), range, List.of(end))) {
      Tried tried = tryAt(decoder, pcm, startMs, whole, at);
      if (tried.boundary().differences() == 0 && tried.boundary().at() == ended) {
        return tried.split();
      }
    }
    return null;
  }

  /** A range of positions, in seconds. */
  private record Range(double from, double to) {}

  /** A split, and how its sides read beside the whole. */
  private record Tried(Split split, SpokenText.Boundary boundary) {}

  private static Tried tryAt(
      WholeDecoder decoder, float[] pcm, long startMs, List<String> whole, int at) {
    Hypothesis head = decoder.decode(Arrays.copyOf(pcm, at), startMs);
    long tailMs = startMs + at * 1000L / decoder.sampleRateHz();
    Hypothesis tail = decoder.decode(Arrays.copyOfRange(pcm, at, pcm.length), tailMs);
    SpokenText.Boundary boundary =
        SpokenText.boundary(whole, SpokenText.words(head.text()), SpokenText.words(tail.text()));
    return new Tried(written(at, head, whole, boundary), boundary);
  }

  /**
   * The text of audio of any length.
   *
   * @param pcm at the decoder's rate; borrowed
   */
  static Hypothesis decode(WholeDecoder decoder, float[] pcm, long startMs) {
    int rateHz = decoder.sampleRateHz();
    if (pcm.length <= longest(decoder)) {
      return decoder.decode(pcm, startMs);
    }
    Split split = split(decoder, pcm, startMs, List.of());
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

  private static int longest(WholeDecoder decoder) {
    return (int) ((long) decoder.maxMs() * decoder.sampleRateHz() / 1000);
  }

  /** What is given ends with a full stop, always: the whole knows whether the sentence goes on. */
  private static Split written(
      int at, Hypothesis head, List<String> whole, SpokenText.Boundary boundary) {
    if (boundary.differences() > 0 || boundary.at() >= whole.size()) {
      return new Split(at, head, "");
    }
    List<String> words = new ArrayList<>(SpokenText.words(head.text()));
    String last = whole.get(boundary.at() - 1);
    words.set(words.size() - 1, last);
    return new Split(
        at,
        new Hypothesis(
            String.join(" ", words),
            endingWith(last, head.tokens()),
            head.startMs(),
            head.endMs(),
            head.language()),
        whole.get(boundary.at()));
  }

  /** The tokens, those of the last word as one that is written so. */
  private static List<Token> endingWith(String last, List<Token> tokens) {
    int from = tokens.size() - 1;
    while (from > 0 && !tokens.get(from).text().startsWith(" ")) {
      from--;
    }
    if (from < 0) {
      return tokens;
    }
    List<Token> written = new ArrayList<>(tokens.subList(0, from));
    Token first = tokens.get(from);
    written.add(new Token((from > 0 ? " " : "") + last, first.startMs(), first.probability()));
    return written;
  }

  /**
   * Positions to try, the best first.
   *
   * @param ends about when sentences end, in seconds
   */
  private static List<Integer> places(float[] pcm, int rateHz, Range range, List<Double> ends) {
    int frame = rateHz / FRAMES_PER_SECOND;
    double[] quiet = loudness(pcm, frame);
    int to = (int) (range.to() * FRAMES_PER_SECOND);
    double[] worth = new double[quiet.length];
    List<Integer> frames = new ArrayList<>();
    for (int i = (int) (range.from() * FRAMES_PER_SECOND); i < Math.min(to, quiet.length); i++) {
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
    List<Double> ends = new ArrayList<>();
    for (int i = 0; i + 1 < words.size(); i++) {
      if (SpokenText.endsSentence(words.get(i))) {
        ends.add(secondsOf(words, i + 1, seconds));
      }
    }
    return ends;
  }

  /** About when the first words end, by their share of the letters. */
  private static double secondsOf(List<String> words, int first, double seconds) {
    return seconds * letters(words.subList(0, first)) / Math.max(1, letters(words));
  }

  private static int letters(List<String> words) {
    return words.stream().mapToInt(SpokenText::letters).sum();
  }
}
