package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordErrorsTest {
  @ParameterizedTest
  @CsvSource({
    "ONE TWO THREE, ONE TWO THREE, 3, 0, 0, 0",
    "ONE TWO THREE, ONE TOO THREE, 3, 1, 0, 0",
    "ONE TWO THREE, ONE THREE, 3, 0, 1, 0",
    "ONE TWO THREE, ONE TWO TWO THREE, 3, 0, 0, 1",
    "ONE TWO THREE, '', 3, 0, 3, 0",
    "'', ONE TWO, 0, 0, 0, 2",
    "'', '', 0, 0, 0, 0",
    "ONE TWO THREE FOUR, TWO THREE FOUR FIVE, 4, 0, 1, 1",
    "ZERO ZERO SEVEN, ZERO SEVEN, 3, 0, 1, 0",
    "ONE TWO, THREE, 2, 1, 1, 0",
    "ONE, TWO THREE, 1, 1, 0, 1"
  })
  void countsTheFewestErrors(
      String said, String heard, int words, int substitutions, int deletions, int insertions) {
    assertThat(WordErrors.between(said, heard))
        .isEqualTo(new WordErrors(words, substitutions, deletions, insertions));
  }

  @Test
  void comparesWithoutCaseAndPunctuation() {
    assertThat(WordErrors.between("One, two; three!", "ONE two THREE").errors()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "press 1 to mute | Press one to mute.",
        "four one one | 411",
        "four hundred eleven | 411",
        "four eleven | 4 1 1",
        "you can dial 500 | you can dial five hundred",
        "extension 1234 | extension one two three four",
        "extension 1234 | extension one thousand two hundred thirty four",
        "extension 8500 | extension eighty five hundred",
        "twelve thousand and one | 12,000 and 1",
        "28.8 kilobit | twenty-eight point eight kilobit",
        "four oh one | 401",
        "the 2nd and the 21 | the second and the twenty one",
        "five percent | 5%",
        "the file name | the filename",
        "re-enter your voice mail pin | reenter your voicemail pin",
        "touch-tone | touch tone",
        "if you'd like to test it | if you would like to test it",
        "it's invalid | it is invalid",
        "you can't | you cannot",
        "you cannot | you can not",
        "that is not valid | that isn’t valid",
        "your party's name | your partys name",
        "mister dashwood | Mr. Dashwood",
        "okay, bye | OK bye"
      })
  void takesNoSpellingForAnError(String said, String heard) {
    assertThat(WordErrors.between(said, heard).errors()).as(said).isZero();
    assertThat(WordErrors.between(heard, said).errors()).as(heard).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "four one one | 412 | 1",
        "four one one | 41 | 1",
        "ten of clubs | then of clubs | 1",
        "a b c d | ab d | 1",
        "one | two | 1",
        "twenty one | 201 | 2",
        "press 1 now | press now | 1",
        "hundred | point | 1",
        "it's | its not | 1"
      })
  void stillCountsWhatWasMisheard(String said, String heard, int errors) {
    assertThat(WordErrors.between(said, heard).errors()).isEqualTo(errors);
  }

  @Test
  void countsWordsAsTheReferenceSpellsThem() {
    assertThat(WordErrors.between("dial four one one", "dial 411").words()).isEqualTo(4);
    assertThat(WordErrors.between("dial 411", "dial four one one").words()).isEqualTo(2);
  }

  @Test
  void ratesErrorsByTheWordsThatWereSaid() {
    assertThat(WordErrors.between("ONE TWO THREE FOUR", "ONE TWO FOUR").rate()).isEqualTo(0.25);
    assertThat(WordErrors.between("ONE", "TWO THREE FOUR").rate()).isEqualTo(3.0);
    assertThat(WordErrors.between("", "ONE").rate()).isInfinite();
    assertThat(WordErrors.NONE.rate()).isZero();
  }

  @Test
  void neverCountsMoreErrorsThanWereMade() {
    long seed = 20261120;
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      StringBuilder said = new StringBuilder();
      StringBuilder heard = new StringBuilder();
      int made = 0;
      int words = random.nextInt(20);
      for (int i = 0; i < words; i++) {
        String word = "W" + random.nextInt(10);
        said.append(word).append(' ');
        switch (random.nextInt(8)) {
          case 0 -> made++;
          case 1 -> {
            heard.append("X ");
            made++;
          }
          case 2 -> {
            heard.append(word).append(" Y ");
            made++;
          }
          default -> heard.append(word).append(' ');
        }
      }
      WordErrors errors = WordErrors.between(said.toString(), heard.toString());
      assertThat(errors.errors()).as("seed %d, round %d", seed, round).isLessThanOrEqualTo(made);
      assertThat(errors.words()).isEqualTo(words);
      int heardWords = heard.isEmpty() ? 0 : heard.toString().split(" ").length;
      assertThat(words - errors.deletions() + errors.insertions())
          .as("seed %d, round %d", seed, round)
          .isEqualTo(heardWords);
    }
  }

  @Test
  void addsUp() {
    assertThat(new WordErrors(4, 1, 0, 2).plus(new WordErrors(6, 0, 3, 0)))
        .isEqualTo(new WordErrors(10, 1, 3, 2));
  }
}
