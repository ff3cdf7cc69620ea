package org.linescribe.asr.utterance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Token;

class UtteranceTest {
  private static final int RATE = 16_000;
  private static final int MS = RATE / 1000;

  /** "Thank you" of no voice is what models make of a breath. */
  @Test
  void pausesBehindACutTakeNoVoiceFromTheWordsBeforeIt() {
    Utterance utterance = new Utterance(0, 0, "", RATE, false);
    utterance.hear(700 * MS, 700 * MS);
    utterance.hear(600 * MS, 3200 * MS);
    utterance.hear(400 * MS, 4400 * MS);

    utterance.endSpeech(2500 * MS);

    Hypothesis heard = new Hypothesis("Thank you.", List.of(), 0, 2500);
    assertThat(utterance.hypothesis(heard, 2500).text()).isEqualTo("Thank you.");
  }

  /** Tokens that do not make up the text are no words to anybody. */
  @Test
  void theFirstTokenIsWrittenAsTheSentenceGoesOn() {
    Utterance utterance = new Utterance(0, 0, "be", RATE, true);
    utterance.hear(900 * MS, 900 * MS);
    List<Token> tokens = List.of(new Token(" Be", 0, 0.5), new Token(" prudent", 300, 0.5));

    Hypothesis told = utterance.hypothesis(new Hypothesis("Be prudent", tokens, 0, 900), 900);

    assertThat(told.text()).isEqualTo("be prudent");
    assertThat(told.tokens()).extracting(Token::text).containsExactly(" be", " prudent");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pound | the pound key | pound key",
        "volume | Increase your volume now | volume now",
        "press | Press one | Press one",
        "no | no no | no no",
        "pound | can you press pound | can you press pound",
        "'' | the pound key | the pound key"
      })
  void whatIsReadInFrontOfTheFirstWordWasToldBeforeTheCut(
      String firstWord, String heard, String told) {
    Utterance utterance = new Utterance(0, 0, firstWord, RATE, false);
    utterance.hear(900 * MS, 900 * MS);

    Hypothesis hypothesis = utterance.hypothesis(new Hypothesis(heard, List.of(), 0, 900), 900);

    assertThat(hypothesis.text()).isEqualToIgnoringCase(told);
  }

  @Test
  void itsTokensAreNotToldEither() {
    Utterance utterance = new Utterance(0, 0, "pound", RATE, true);
    utterance.hear(900 * MS, 900 * MS);
    List<Token> tokens =
        List.of(
            new Token(" the", 0, 0.5),
            new Token(" po", 100, 0.5),
            new Token("und", 150, 0.5),
            new Token(" key", 300, 0.5));

    Hypothesis told = utterance.hypothesis(new Hypothesis("the pound key", tokens, 0, 900), 900);

    assertThat(told.text()).isEqualTo("pound key");
    assertThat(told.tokens()).extracting(Token::text).containsExactly(" po", "und", " key");
  }
}
