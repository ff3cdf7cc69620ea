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

  @Test
  void splitsBetweenWordsThoughItIsQuieterInsideThem() {
    LongSpeech.Split split =
        LongSpeech.split(new LevelReader(), LevelReader.speech(SAID), 0, List.of());

    int heads = wordsBefore(split);
    assertThat(split.head().text()).isEqualTo(text(SAID, 0, heads));
    assertThat(split.nextWord()).isEqualTo("w" + heads);
  }

  @Test
  void writesTheHeadAsTheSentenceThatGoesOn() {
    LongSpeech.Split split =
        LongSpeech.split(new LevelReader(23), LevelReader.speech(SAID), 0, List.of());
    assertThat(split.head().text()).doesNotEndWith(".");
  }

  @Test
  void splitsNearTheEndOfWhatIsTooLong() {
    LongSpeech.Split split =
        LongSpeech.split(new LevelReader(), LevelReader.speech(SAID), 0, List.of());
    assertThat(SAID.length - wordsBefore(split)).isBetween(2, 9);
  }

  @Test
  void splitsBehindASentenceThatHasEnded() {
    LevelReader reader = new LevelReader(19, 33);
    int[] said = IntStream.range(10, 34).toArray();
    float[] pcm = LevelReader.speech(said);
    List<String> whole = SpokenText.words(reader.decode(pcm, 0).text());

    LongSpeech.Split split = LongSpeech.splitSentences(reader, pcm, 0, whole, 10);

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

    assertThat(LongSpeech.splitSentences(reader, pcm, 0, whole, 10)).isNull();
  }

  @Test
  void theTokensOfTheHeadMakeUpItsText() {
    LevelReader reader =
        new LevelReader(23) {
          @Override
          public Hypothesis decode(float[] pcm, long startMs) {
            Hypothesis heard = super.decode(pcm, startMs);
            List<Token> tokens = new ArrayList<>();
            for (String word : SpokenText.words(heard.text() + ".")) {
              tokens.add(new Token(" " + word.substring(0, 1), startMs, 1));
              tokens.add(new Token(word.substring(1), startMs, 1));
            }
            return new Hypothesis(heard.text() + ".", tokens, startMs, heard.endMs());
          }
        };
    Hypothesis head = LongSpeech.split(reader, LevelReader.speech(SAID), 0, List.of()).head();

    assertThat(head.text()).doesNotEndWith(".");
    assertThat(String.join("", head.tokens().stream().map(Token::text).toList()).strip())
        .isEqualTo(head.text());
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
