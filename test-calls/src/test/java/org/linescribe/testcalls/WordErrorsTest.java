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
