package org.linescribe.asr.utterance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpokenTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"[BLANK_AUDIO]", "(beep)", "[Music]", "*sighs*", "♪ ♪", "...", " . ", "<|en|>"})
  void namesOfSoundsAreNoText(String written) {
    assertThat(SpokenText.of(written, 3000)).isEmpty();
  }

  @Test
  void wordsBesideTheNameOfASoundStay() {
    assertThat(SpokenText.of("[Music] Welcome to  the show. (laughter)", 3000))
        .isEqualTo("Welcome to the show.");
  }

  @Test
  void whatModelsMakeOfABreathNeedsAsMuchVoiceAsAWord() {
    assertThat(SpokenText.of("You", 120)).isEmpty();
    assertThat(SpokenText.of("Thank you.", 120)).isEmpty();
    assertThat(SpokenText.of("You", 250)).isEqualTo("You");
    assertThat(SpokenText.of("Yes", 120)).isEqualTo("Yes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Answer. | and hang up. | Answer and hang up.",
        "Answer. | And hang up. | Answer. And hang up.",
        "Wait... | and see. | Wait... and see.",
        "One | two | One two",
        "'' | two | two",
        "one | '' | one"
      })
  void joinsWhatACutSeparated(String head, String tail, String whole) {
    assertThat(SpokenText.join(head, tail)).isEqualTo(whole);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "You can dial 500 to attempt an exchange | To attempt an ex | 0 | 4",
        "You can dial 500 to attempt an exchange | All 500 to attempt an exchange | 1 | 2",
        "press one to exit. Press one to enter | Press one to enter | 0 | 4",
        "and password 4242 that user is | that user is known | 0 | 3",
        "one two three | three | 4 | 0",
        "one two three | '' | 4 | 0"
      })
  void findsTheEndInTheReadingOfTheWhole(String whole, String end, int wrong, int at) {
    assertThat(SpokenText.endOf(SpokenText.words(whole), SpokenText.words(end)))
        .isEqualTo(new SpokenText.Boundary(wrong, at));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a b c d e f | A b c, x | 5 | true",
        "a b c d e f | a x c d e f | 5 | false",
        "a b c d e f g h i j k | a b c | 10 | false",
        "a b c | '' | 3 | false"
      })
  void anEarlierReadingHasTheSameBeginAsFarAsItHadHeard(
      String words, String before, int first, boolean same) {
    assertThat(SpokenText.isSameBegin(SpokenText.words(words), SpokenText.words(before), first))
        .isEqualTo(same);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "to | To attempt an exchange. | to attempt an exchange.",
        "To | To attempt an exchange. | To attempt an exchange.",
        "two | To attempt an exchange. | To attempt an exchange.",
        "'' | To attempt | To attempt",
        "and | And | and"
      })
  void writesTheFirstWordAsTheSentenceThatItGoesOnWith(String word, String text, String written) {
    assertThat(SpokenText.beginWith(word, text)).isEqualTo(written);
  }

  @Test
  void findsOutADecoderThatLostItsWay() {
    assertThat(SpokenText.isPlausible("1-800-HEY-KPFA. 1-800-HEY-KPFA. 1-800-HEY-KPFA.", 8))
        .isFalse();
    assertThat(SpokenText.isPlausible("or I-A-X-A-R-A-X-A-R-A-X-A-R-A-X-A-R.", 8)).isFalse();
    assertThat(SpokenText.isPlausible("a".repeat(200), 5)).isFalse();
    assertThat(SpokenText.isPlausible("no no no no", 3)).isTrue();
    assertThat(SpokenText.isPlausible("It was the best of times, it was the worst of times", 4))
        .isTrue();
    assertThat(SpokenText.isPlausible("", 1)).isTrue();
  }
}
