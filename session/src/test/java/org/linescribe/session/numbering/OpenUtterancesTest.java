package org.linescribe.session.numbering;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenUtterancesTest {
  @ParameterizedTest
  @CsvSource({
    "'', '', 0",
    "'', hello, 0",
    "hello, hello, 5",
    "hello, hello world, 5",
    "hello wor, hello world, 5",
    "hello world again, hello word again, 5",
    "help, hello, 0",
    "hello world, hello, 5",
    "one two three, one two four, 7"
  })
  void wordsOnWhichTwoRevisionsAgreeAreStable(String before, String text, int stable) {
    assertThat(OpenUtterances.stableChars(before, text)).isEqualTo(stable);
  }
}
