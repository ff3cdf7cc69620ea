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
 * Splits speech that is too long to be decoded at once, whose first sentences have ended, or whose
 * speaker makes no pause: where what is behind reads alone as the end of the whole does. There no
 * word is lost, doubled or guessed, as far as the model can tell.
 *
 * <p>Positions are tried in the order of what speaks for them: how quiet it is, and whether a
 * sentence ends about there. Pure but for the decoder; thread: a decode thread.
 */
final class LongSpeech {
  private static final int FRAMES_PER_SECOND = 100;

  /** Of either side: shorter ones hold too little to be decoded alone. */
  private static final double LEAST_HEAD_SECONDS = 2.5;

  private static final double LEAST_TAIL_SECONDS = 0.6;

  /** Of speech that is not live: how far from its end it is split. */
  private static final double MOST_TAIL_SECONDS = 3;

  /** From its end, in which a place is looked for, however late it is. */
  private static final double LEAST_RANGE_SECONDS = 1.4;

  /** Over how long a position must be quiet: the closure of a "t" is about as long. */
  private static final int QUIET_FRAMES = 6;

  /** Between two positions that are tried. */
  private static final int APART_FRAMES = 15;

  private static final int PLACES = 4;

  /** Where there has to be a split. */
  private static final int MOST_PLACES = 6;

  /** By how much it must be quieter than speech where no split is needed yet. */
  private static final double DIP_DB = 15;

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
   * Looks for a place. The whole knows what is said before it better than the part before it does,
   * so its words are told; what is behind it, decoded alone, says which of them these are.
   *
   * @param audio at the decoder's rate, of which the decoder gets what it can take; borrowed
   * @param startMs where it begins on the leg's timeline
   * @return null where no place is good and none is needed
   */
  static @Nullable Split split(
      WholeDecoder decoder, float[] audio, long startMs, SplitRequest request) {
    float[] pcm = Arrays.copyOf(audio, Math.min(audio.length, longest(decoder)));
    Hypothesis known = request.reading();
    Hypothesis whole = known == null ? decoder.decode(pcm, startMs) : known;
    List<String> words = SpokenText.words(whole.text());
    Place best = null;
    for (int at : places(pcm, decoder.sampleRateHz(), words, request)) {
      Hypothesis tail =
          decoder.decode(
              Arrays.copyOfRange(pcm, at, pcm.length), ms(startMs, at, decoder.sampleRateHz()));
      Place tried = new Place(at, SpokenText.endOf(words, SpokenText.words(tail.text())));
      if (isAllowed(tried, words, request)
          && (best == null || tried.end.differences() < best.end.differences())) {
        best = tried;
      }
      if (best != null && best.end.differences() == 0) {
        return new Split(
            best.at, beginning(decoder, pcm, whole, words, best), words.get(best.end.at()));
      }
    }
    if (!request.isNeeded()) {
      return null;
    }
    int at = best == null ? pcm.length - decoder.sampleRateHz() : best.at;
    return new Split(at, decoder.decode(Arrays.copyOf(pcm, at), startMs), "");
  }

  /**
   * A place that was tried.
   *
   * @param at samples before it
   * @param end what is said behind it, in the reading of the whole
   */
  private record Place(int at, SpokenText.Boundary end) {}

  /** Whether a split there would tell what was asked for. */
  private static boolean isAllowed(Place place, List<String> words, SplitRequest request) {
    int heads = place.end.at();
    if (heads == 0 || place.end.differences() > 0 && !request.isNeeded()) {
      return false;
    }
    if (request.endedWords() > 0) {
      return heads == request.endedWords();
    }
    return request.isNeeded() || SpokenText.isSameBegin(words, request.before(), heads);
  }

  /** What the whole says before a place. */
  private static Hypothesis beginning(
      WholeDecoder decoder, float[] pcm, Hypothesis whole, List<String> words, Place place) {
    List<Token> tokens =
        decoder.isTimed()
            ? WordTokens.of(whole.tokens(), words.size(), 0, place.end.at())
            : List.of();
    if (tokens == null) {
      // Its tokens do not tell the words apart, and their times are wanted.
      return decoder.decode(Arrays.copyOf(pcm, place.at), whole.startMs());
    }
    return new Hypothesis(
        String.join(" ", words.subList(0, place.end.at())),
        tokens,
        whole.startMs(),
        Math.max(whole.startMs(), ms(whole.startMs(), place.at, decoder.sampleRateHz())),
        whole.language());
  }

  private static long ms(long startMs, int samples, int rateHz) {
    return startMs + samples * 1000L / rateHz;
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
   * The text of audio of any length.
   *
   * @param pcm at the decoder's rate; borrowed
   */
  static Hypothesis decode(WholeDecoder decoder, float[] pcm, long startMs) {
    int rateHz = decoder.sampleRateHz();
    if (pcm.length <= longest(decoder)) {
      return decoder.decode(pcm, startMs);
    }
    double seconds = (double) longest(decoder) / rateHz;
    SplitRequest request = new SplitRequest(null, List.of(), 0, seconds - MOST_TAIL_SECONDS, true);
    Split split = Objects.requireNonNull(split(decoder, pcm, startMs, request));
    Hypothesis rest =
        decode(
            decoder,
            Arrays.copyOfRange(pcm, split.at(), pcm.length),
            ms(startMs, split.at(), rateHz));
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

  /**
   * Positions to try, the best first.
   *
   * @param words what is said
   */
  private static List<Integer> places(
      float[] pcm, int rateHz, List<String> words, SplitRequest request) {
    int frame = rateHz / FRAMES_PER_SECOND;
    double seconds = (double) pcm.length / rateHz;
    int ended = request.endedWords();
    double end = secondsOf(words, ended, seconds);
    List<Double> ends = ended > 0 ? List.of(end) : sentenceEnds(words, seconds);
    double from =
        Math.max(
            LEAST_HEAD_SECONDS, Math.min(request.earliestSeconds(), seconds - LEAST_RANGE_SECONDS));
    double to = seconds - LEAST_TAIL_SECONDS;
    if (ended > 0) {
      from = Math.max(from, end - SENTENCE_SEARCH);
      to = Math.min(to, end + SENTENCE_SEARCH);
    }
    double[] quiet = loudness(pcm, frame);
    double mostLoud = request.isNeeded() || ended > 0 ? Double.MAX_VALUE : loud(quiet) - DIP_DB;
    double[] worth = new double[quiet.length];
    List<Integer> frames = new ArrayList<>();
    for (int i = (int) (from * FRAMES_PER_SECOND);
        i < Math.min((int) (to * FRAMES_PER_SECOND), quiet.length);
        i++) {
      double at = (double) i / FRAMES_PER_SECOND;
      worth[i] = at * LATER_DB - quiet[i];
      for (double sentence : ends) {
        double off = (at - sentence) / SENTENCE_SPREAD;
        worth[i] += SENTENCE_DB * Math.exp(-off * off);
      }
      if (quiet[i] <= mostLoud) {
        frames.add(i);
      }
    }
    frames.sort(Comparator.comparingDouble(i -> -worth[i]));
    List<Integer> best = new ArrayList<>();
    for (int i : frames) {
      if (best.stream().allMatch(other -> Math.abs(other - i) >= APART_FRAMES)) {
        best.add(i);
      }
      if (best.size() == (request.isNeeded() ? MOST_PLACES : PLACES)) {
        break;
      }
    }
    return best.stream().map(i -> i * frame).toList();
  }

  /** What speech reaches a quarter of the time. */
  private static double loud(double[] loudness) {
    double[] sorted = loudness.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length * 3 / 4];
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
  static double secondsOf(List<String> words, int first, double seconds) {
    return seconds * letters(words.subList(0, first)) / Math.max(1, letters(words));
  }

  private static int letters(List<String> words) {
    return words.stream().mapToInt(SpokenText::letters).sum();
  }
}
