package org.linescribe.asr.utterance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Token;

/** Splitting and reading again, with words that are steps of level. */
class LongSpeechTest {
  private static final int[] SAID = IntStream.range(0, 24).toArray();
  private static final double SECONDS =
      SAID.length * LevelReader.PERIOD / (double) LevelReader.RATE;

  @Test
  void splitsBetweenWordsThoughItIsQuieterInsideThem() {
    LongSpeech.Split split = needed(new LevelReader());

    int heads = wordsBefore(split);
    assertThat(split.head().text()).isEqualTo(text(SAID, 0, heads));
    assertThat(split.nextWord()).isEqualTo("w" + heads);
  }

  @Test
  void writesTheHeadAsTheSentenceThatGoesOn() {
    LongSpeech.Split split = needed(new LevelReader(23));
    assertThat(split.head().text()).doesNotEndWith(".");
  }

  @Test
  void splitsNearTheEndOfWhatIsTooLong() {
    LongSpeech.Split split = needed(new LevelReader());
    assertThat(SAID.length - wordsBefore(split)).isBetween(2, 9);
  }

  @Test
  void splitsBehindASentenceThatHasEnded() {
    LevelReader reader = new LevelReader(19, 33);
    int[] said = IntStream.range(10, 34).toArray();
    float[] pcm = LevelReader.speech(said);

    LongSpeech.Split split =
        LongSpeech.split(
            reader, pcm, 0, new SplitRequest(reader.decode(pcm, 0), List.of(), 10, 0, false));

    assertThat(split).isNotNull();
    assertThat(wordsBefore(split)).isEqualTo(10);
    assertThat(split.head().text()).isEqualTo(text(said, 0, 10) + ".");
    assertThat(split.nextWord()).isEqualTo("w20");
  }

  @Test
  void doesNotSplitWhereTheSidesReadOtherwiseThanTheWhole() {
    LevelReader reader = new LevelReader(19, 33);
    int[] said = IntStream.range(10, 34).toArray();
    float[] pcm = LevelReader.speech(said);
    List<String> whole = new ArrayList<>(SpokenText.words(reader.decode(pcm, 0).text()));
    whole.set(10, "other");

    assertThat(
            LongSpeech.split(
                reader, pcm, 0, new SplitRequest(reading(whole), List.of(), 10, 0, false)))
        .isNull();
  }

  /** What is decoded alone is read otherwise here; the whole knows better. */
  @Test
  void tellsTheHeadAsTheWholeReadsIt() {
    List<String> whole = new ArrayList<>(List.of(text(SAID, 0, SAID.length).split(" ")));
    whole.set(2, "better");
    SplitRequest request = new SplitRequest(reading(whole), List.of(), 0, SECONDS - 3, true);

    LongSpeech.Split split =
        LongSpeech.split(new LevelReader(), LevelReader.speech(SAID), 0, request);

    assertThat(split.head().text())
        .isEqualTo(String.join(" ", whole.subList(0, wordsBefore(split))));
  }

  @Test
  void whatIsStillOpenIsSplitOnlyWhereTwoReadingsAgree() {
    LevelReader reader = new LevelReader();
    float[] pcm = LevelReader.speech(SAID);
    Hypothesis now = reader.decode(pcm, 0);
    List<String> before = new ArrayList<>(SpokenText.words(text(SAID, 0, 21)));

    LongSpeech.Split split = LongSpeech.split(reader, pcm, 0, open(now, before));
    before.set(3, "other");

    assertThat(split).isNotNull();
    assertThat(split.head().text()).isEqualTo(text(SAID, 0, wordsBefore(split)));
    assertThat(LongSpeech.split(reader, pcm, 0, open(now, before))).isNull();
  }

  @Test
  void noPlaceIsFurtherBackThanWordsMayWait() {
    LevelReader reader = new LevelReader(19);
    float[] pcm = LevelReader.speech(SAID);
    for (double back : new double[] {1.4, 2, 2.2, 3}) {
      LongSpeech.Split split =
          LongSpeech.split(
              reader, pcm, 0, new SplitRequest(null, List.of(), 0, SECONDS - back, true));
      assertThat(SECONDS - split.at() / (double) LevelReader.RATE).isBetween(0.6, back + 0.01);
    }
  }

  private static SplitRequest open(Hypothesis now, List<String> before) {
    return new SplitRequest(now, before, 0, SECONDS - 2, false);
  }

  private static Hypothesis reading(List<String> words) {
    return new Hypothesis(String.join(" ", words), List.of(), 0, 1);
  }

  private static LongSpeech.Split needed(WholeDecoder reader) {
    SplitRequest request = new SplitRequest(null, List.of(), 0, SECONDS - 3, true);
    return LongSpeech.split(reader, LevelReader.speech(SAID), 0, request);
  }

  @Test
  void theTokensOfTheHeadMakeUpItsText() {
    Hypothesis head = needed(withTokens(" ", true)).head();

    assertThat(head.tokens()).isNotEmpty();
    assertThat(head.text()).doesNotEndWith(".");
    assertThat(String.join("", head.tokens().stream().map(Token::text).toList()).strip())
        .isEqualTo(head.text());
  }

  /** Words cannot be told by these tokens; read alone, the head is told with its own. */
  @Test
  void timedTokensThatTellNoWordsAreReadAgain() {
    Hypothesis head = needed(withTokens("", true)).head();

    assertThat(head.tokens()).hasSize(2 * (SpokenText.words(head.text()).size() + 1));
  }

  @Test
  void tokensWithoutTimesDoNotMatter() {
    LevelReader alone =
        new LevelReader() {
          @Override
          public Hypothesis decode(float[] pcm, long startMs) {
            return pcm.length < LevelReader.RATE * 3
                ? super.decode(pcm, startMs)
                : new Hypothesis("read alone", List.of(), startMs, startMs);
          }
        };
    Hypothesis whole = withTokens("", false).decode(LevelReader.speech(SAID), 0);
    SplitRequest request = new SplitRequest(whole, List.of(), 0, SECONDS - 3, true);

    LongSpeech.Split split = LongSpeech.split(alone, LevelReader.speech(SAID), 0, request);

    assertThat(split.head().text()).isEqualTo(text(SAID, 0, wordsBefore(split)));
  }

  /** Two tokens for each word, the first of them beginning so, and one at the end. */
  private static WholeDecoder withTokens(String begin, boolean timed) {
    LevelReader reader = new LevelReader();
    return new DecoderView(reader) {
      @Override
      public boolean isTimed() {
        return timed;
      }

      @Override
      public Hypothesis decode(float[] pcm, long startMs) {
        Hypothesis heard = reader.decode(pcm, startMs);
        List<Token> tokens = new ArrayList<>();
        for (String word : SpokenText.words(heard.text())) {
          tokens.add(new Token(begin + word.substring(0, 1), startMs, 1));
          tokens.add(new Token(word.substring(1), startMs, 1));
        }
        if (begin.isEmpty()) {
          tokens.add(new Token("", startMs, 1));
          tokens.add(new Token(".", startMs, 1));
        }
        return new Hypothesis(heard.text(), tokens, startMs, heard.endMs());
      }
    };
  }

  @Test
  void sentencesHaveEndedWhereTwoReadingsAgreeAndWordsFollow() {
    assertThat(ended("One two. Three", "One two. Three four five")).isEqualTo(2);
    assertThat(ended("One two. Three", "One two. Three four")).as("may change").isZero();
    assertThat(ended("One two.", "One two. Three four five")).as("was the last word").isZero();
    assertThat(ended("One, two. Three", "One two. Three four five")).as("changed").isZero();
    assertThat(ended("A. B. C d", "A. B. C d e f")).isEqualTo(2);
    assertThat(ended("One two three four", "One two three four five six")).isZero();
    assertThat(ended("", "")).isZero();
  }

  @Test
  void readsInHalvesWhereADecoderRepeatsItself() {
    int[] said = IntStream.range(0, 20).toArray();
    LevelReader reader =
        new LevelReader() {
          @Override
          public Hypothesis decode(float[] pcm, long startMs) {
            return pcm.length > 4 * LevelReader.RATE
                ? new Hypothesis(
                    String.join(" ", Collections.nCopies(6, "it was easily")), List.of(), 0, 1)
                : super.decode(pcm, startMs);
          }
        };
    String text = new CarefulDecoder(reader).decode(LevelReader.speech(said), 0).text();
    assertThat(text).isEqualTo(text(said, 0, said.length));
  }

  @Test
  void believesWhoReallyRepeatsHimself() {
    int[] said = {1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3};
    String text = new CarefulDecoder(new LevelReader()).decode(LevelReader.speech(said), 0).text();
    assertThat(text).isEqualTo(text(said, 0, said.length));
  }

  private static String text(int[] said, int from, int to) {
    return String.join(" ", IntStream.range(from, to).mapToObj(i -> "w" + said[i]).toList());
  }

  private static int ended(String before, String now) {
    return LongSpeech.endedWords(SpokenText.words(before), SpokenText.words(now));
  }

  /** Words before a split, which is in none. */
  private static int wordsBefore(LongSpeech.Split split) {
    int behindWord = split.at() % LevelReader.PERIOD;
    assertThat(behindWord == 0 || behindWord >= LevelReader.WORD - LevelReader.RATE / 100)
        .as("cut %d samples into a word", behindWord)
        .isTrue();
    return Math.round((float) split.at() / LevelReader.PERIOD);
  }
}
