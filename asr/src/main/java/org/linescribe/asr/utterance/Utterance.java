package org.linescribe.asr.utterance;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Token;

/**
 * What somebody says between two silences, or until it is too long to be decoded at once. Positions
 * are samples of the leg. Thread: its stream's.
 */
final class Utterance {
  /** Audio behind the last word that is decoded. */
  static final int TAIL_MS = 200;

  /** Where its speech begins. */
  final long speechStart;

  /** Where the audio begins that is decoded. */
  final long from;

  private final int samplesPerMs;
  private final boolean timed;

  /** Its first word, as it is written in the sentence that goes on with it; else empty. */
  private final String firstWord;

  private long voiced;

  /** End of the last window of speech. */
  long speechEnd;

  /** Its last decoding, once its end is known. */
  private @Nullable Decoding last;

  private long decodedTo;

  /** End of the speech behind which it was asked what was said before the pause. */
  long askedAtPauseOf = -1;

  /** Sentences of so many words were looked for an end of. */
  int askedWords;

  /** What was told of it. */
  String told = "";

  Utterance(long speechStart, long from, String firstWord, int sampleRateHz, boolean timed) {
    this.speechStart = speechStart;
    this.from = from;
    this.firstWord = firstWord;
    this.speechEnd = speechStart;
    this.samplesPerMs = sampleRateHz / 1000;
    this.timed = timed;
  }

  void hear(long windowSamples, long end) {
    voiced += windowSamples;
    speechEnd = Math.max(speechEnd, end);
  }

  /** End of the audio that is decoded, where no more is said. */
  long tailEnd() {
    return speechEnd + (long) TAIL_MS * samplesPerMs;
  }

  /**
   * Its speech goes on behind a cut. What was voiced behind it is not known, for there may be
   * pauses: taken off as if there were none, it would leave no voice for the words before the cut.
   */
  void endSpeech(long at) {
    speechEnd = at;
  }

  /**
   * It is over at what was heard until now.
   *
   * @param to end of what is decoded of it
   */
  void end(Decoding decoding, long to) {
    last = decoding;
    decodedTo = to;
  }

  /** End of what was decoded. */
  long decodedTo() {
    return decodedTo;
  }

  boolean isEnded() {
    return last != null;
  }

  boolean isDecoded() {
    return last != null && last.isDone();
  }

  /** Its last decoding; it is ended. */
  Decoding last() {
    return Objects.requireNonNull(last);
  }

  /** Its text by a decoding of it. */
  Hypothesis hypothesis(Hypothesis heard, long endMs) {
    Hypothesis own = fromFirstWord(heard);
    String spoken = SpokenText.of(own.text(), voiced / samplesPerMs);
    String text = SpokenText.beginWith(firstWord, spoken);
    List<Token> tokens = text.equals(spoken) ? own.tokens() : beginningAs(text, own.tokens());
    long startMs = Math.min(speechStart / samplesPerMs, endMs);
    return new Hypothesis(
        text, timed && !text.isEmpty() ? tokens : List.of(), startMs, endMs, heard.language());
  }

  /**
   * Without what is read in front of its first word: that is the rest of a word that the utterance
   * before has told.
   */
  private Hypothesis fromFirstWord(Hypothesis heard) {
    List<String> words = SpokenText.words(heard.text());
    int first = SpokenText.wordsBefore(firstWord, words);
    List<Token> tokens =
        timed ? WordTokens.of(heard.tokens(), words.size(), first, words.size()) : List.of();
    return first == 0 || tokens == null
        ? heard
        : new Hypothesis(
            String.join(" ", words.subList(first, words.size())),
            tokens,
            heard.startMs(),
            heard.endMs(),
            heard.language());
  }

  /** The tokens, the first of them written as the text begins. */
  private static List<Token> beginningAs(String text, List<Token> tokens) {
    if (tokens.isEmpty()) {
      return tokens;
    }
    Token first = tokens.getFirst();
    String written = first.text().strip();
    if (written.isEmpty() || text.startsWith(written)) {
      return tokens;
    }
    int at = first.text().indexOf(written);
    List<Token> changed = new ArrayList<>(tokens);
    changed.set(
        0,
        new Token(
            first.text().substring(0, at)
                + Character.toString(text.codePointAt(0))
                + written.substring(written.offsetByCodePoints(0, 1)),
            first.startMs(),
            first.probability()));
    return changed;
  }
}
