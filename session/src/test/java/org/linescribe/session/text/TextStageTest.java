package org.linescribe.session.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Token;

class TextStageTest {
  private static final TextStage FIGURES = stage(List.of(), true, false, false, 0);
  private static final TextStage MASKS = stage(List.of(), false, true, true, 0);

  private static TextStage stage(
      List<String> corrections, boolean figures, boolean cards, boolean phones, int digits) {
    return new TextStage(
        new TextSettings(corrections, figures, cards, phones, "US", digits, false));
  }

  @Test
  void changesNothingByDefault() {
    Hypothesis said = spoken("FOUR", "ONE", "ONE");
    TextStage stage = new TextStage(TextSettings.defaults());

    assertThat(stage.partial(said)).isSameAs(said);
    assertThat(stage.complete(said)).isSameAs(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FOUR ONE ONE | 411",
        "Dial four one one, please. | Dial 411, please.",
        "one moment please | one moment please",
        "One. | 1.",
        "seven | 7",
        "It is twenty one. | It is 21.",
        "thirty-five people | 35 people",
        "four hundred eleven | 411",
        "twelve thousand three hundred five | 12305",
        "two thousand people | 2000 people",
        "forty one eleven | 41 11",
        "five oh five | 505",
        "double four seven | 447",
        "oh, four of them | oh, four of them",
        "room 12 please | room 12 please",
        "4 one one | 411",
        "press one, two or three | press one, two or three",
        "hundred | hundred",
        "a thousand times | a thousand times",
        "someone won one | someone won one"
      })
  void writesNumbersInFigures(String said, String written) {
    assertThat(FIGURES.complete(text(said)).text()).isEqualTo(written);
    assertThat(FIGURES.partial(text(said)).text()).as("a partial").isEqualTo(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "It costs twenty five dollars and fifty cents. | It costs $25.50.",
        "two hundred and five dollars | $205",
        "FIVE DOLLARS TEN CENTS | $5.10",
        "two million euros please | $€2 million please",
        "25 dollars | $25",
        "fifty cents and twenty pounds | fifty cents and twenty pounds",
        "one dollar or two | $1 or two",
        "on May third at two thirty p.m. in town | on May 3 at 2:30 PM in town",
        "On July four, nineteen eighty four, | On July 4, 1984,",
        "since June twenty first twenty twenty six | since June 21, 2026",
        "April first two thousand and five | April 1, 2005",
        "in March nineteen oh five | in March nineteen oh five",
        "the third of May and the third man | the 3rd of May and the third man",
        "May first class letters go? | May first class letters go?",
        "We may first ask. | We may first ask.",
        "wait a second, the second time | wait a second, the second time",
        "the twenty first century, the twelfth night | the 21st century, the 12th night",
        "half past two or a quarter to one | 2:30 or 12:45",
        "a quarter past eleven | 11:15",
        "five o'clock p.m. | 5:00 PM.",
        "at nine oh five a m | at 9:05 AM",
        "ten am I right | ten am I right",
        "call me at two thirty | call me at two thirty",
        "four one one | four one one"
      })
  void writesDatesTimesMoneyAndOrdersAsPeopleDo(String said, String written) {
    TextStage stage =
        new TextStage(new TextSettings(List.of(), false, false, false, "US", 0, true));

    assertThat(stage.complete(text(said)).text()).isEqualTo(written.replace("$€", "€"));
    assertThat(stage.partial(text(said)).text()).as("a partial").isEqualTo(said);
  }

  @Test
  void writesDatesBeforeFiguresAndKeepsTheTimesOfTheTokens() {
    TextStage stage = new TextStage(new TextSettings(List.of(), true, false, false, "US", 0, true));

    Hypothesis written = stage.complete(spoken("PAY", "TWENTY", "DOLLARS", "TO", "FOUR", "ONE"));

    assertThat(written.text()).isEqualTo("PAY $20 TO 41");
    assertThat(written.tokens())
        .extracting(Token::text)
        .containsExactly(" PAY", " $20", " TO", " 41");
    assertThat(written.tokens()).extracting(Token::startMs).containsExactly(0L, 100L, 300L, 400L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "My card is 4111 1111 1111 1111. | My card is [card].",
        "4111-1111-1111-1111 thanks | [card] thanks",
        "FOUR ONE ONE ONE ONE ONE ONE ONE ONE ONE ONE ONE ONE ONE ONE ONE | [card]",
        "four triple one double one double one double one double one double one double one |"
            + " [card]",
        "forty-one eleven eleven eleven eleven eleven eleven eleven | [card]",
        "it is 378282246310005, yes | it is [card], yes",
        "4111 1111 1111 1112 | 4111 1111 1111 1112",
        "call 555-0142 now | call 555-0142 now",
        "call (212) 736-5000 now | call [phone] now",
        "TWO ONE TWO SEVEN THREE SIX FIVE OH OH OH | [phone]",
        "+44 20 7946 0018 | [phone]",
        "room 1234 at 10 | room 1234 at 10",
        "0000000000000000 | 0000000000000000"
      })
  void masksCardsAndPhoneNumbers(String said, String written) {
    assertThat(MASKS.complete(text(said)).text()).isEqualTo(written);
  }

  @Test
  void aPartialNeverShowsTheBeginningOfWhatMayBecomeANumber() {
    String card = "4111111111111111";
    StringBuilder spoken = new StringBuilder("My card is");
    for (int i = 0; i < card.length(); i++) {
      spoken.append(' ').append(card.charAt(i));
      String shown = MASKS.partial(text(spoken.toString())).text();
      assertThat(shown.chars().filter(Character::isDigit).count()).as(shown).isLessThanOrEqualTo(4);
    }
    assertThat(MASKS.complete(text("order 1 2 3 4 5")).text()).isEqualTo("order 1 2 3 4 5");
  }

  @Test
  void masksEverySequenceOfSoManyDigitsWhereThatIsAsked() {
    TextStage stage = stage(List.of(), false, false, false, 4);

    assertThat(stage.complete(text("4111 and 234 and five six seven eight")).text())
        .isEqualTo("[digits] and 234 and [digits]");
    assertThat(stage.partial(text("4111")).text()).isEqualTo("[digits]");
  }

  @Test
  void noTokenKeepsWhatWasMasked() {
    Hypothesis said =
        spoken(
            "PAY", "FOUR", "ONE", "ONE", "ONE", "ONE", "ONE", "ONE", "ONE", "ONE", "ONE", "ONE",
            "ONE", "ONE", "ONE", "ONE", "ONE", "NOW");

    Hypothesis written = MASKS.complete(said);

    assertThat(written.text()).isEqualTo("PAY [card] NOW");
    assertThat(written.tokens()).extracting(Token::text).containsExactly(" PAY", " [card]", " NOW");
    assertThat(written.tokens()).extracting(Token::startMs).containsExactly(0L, 100L, 1700L);
    assertThat(written.startMs()).isEqualTo(said.startMs());
    assertThat(written.endMs()).isEqualTo(said.endMs());
  }

  @Test
  void tokensThatDoNotMakeUpTheTextAreLeftOut() {
    Hypothesis said =
        new Hypothesis(
            "Card 4111 1111 1111 1111.", List.of(new Token("4111", 0, Double.NaN)), 0, 9000);

    assertThat(MASKS.complete(said)).isEqualTo(new Hypothesis("Card [card].", List.of(), 0, 9000));
  }

  @Test
  void correctsWhatIsSpokenInAnyCaseAtWordsOnly() {
    TextStage stage =
        stage(
            List.of("line scribe=LineScribe", "line=queue", "cooper netties=Kubernetes"),
            false,
            false,
            false,
            0);

    assertThat(stage.partial(text("Line  scribe runs on Cooper Netties, the line says.")).text())
        .isEqualTo("LineScribe runs on Kubernetes, the queue says.");
    assertThat(stage.complete(text("airlines and lines")).text()).isEqualTo("airlines and lines");
  }

  @Test
  void aTokenThatTwoEditsTouchIsJoinedOnce() {
    TextStage stage = stage(List.of("a b=X", "c d=Y"), false, false, false, 0);
    Hypothesis said =
        new Hypothesis(
            "a b c d e",
            List.of(
                new Token(" a", 0, 0.5), new Token(" b c", 10, 0.7),
                new Token(" d", 20, 0.9), new Token(" e", 30, 0.9)),
            0,
            100);

    Hypothesis written = stage.complete(said);

    assertThat(written.text()).isEqualTo("X Y e");
    assertThat(written.tokens()).extracting(Token::text).containsExactly(" X Y", " e");
    assertThat(written.tokens().getFirst().probability()).isBetween(0.69, 0.71);
  }

  @Test
  void tokensMakeUpTheTextAfterAnyEdits() {
    long seed = 9;
    Random random = new Random(seed);
    List<String> words =
        List.of("FOUR", "ONE", "OH", "TWENTY", "HUNDRED", "CALL", "DOUBLE", "411", "ME");
    TextStage stage = stage(List.of("call me=ring", "one=uno"), true, true, true, 6);
    for (int round = 0; round < 2000; round++) {
      List<String> said = new ArrayList<>();
      for (int i = random.nextInt(14); i >= 0; i--) {
        said.add(words.get(random.nextInt(words.size())));
      }
      Hypothesis written = stage.complete(spoken(said.toArray(String[]::new)));
      StringBuilder joined = new StringBuilder();
      written.tokens().forEach(token -> joined.append(token.text()));
      assertThat(joined.toString().strip()).as("seed %d, %s", seed, said).isEqualTo(written.text());
    }
  }

  @Test
  void textOfAnyLengthIsWritten() {
    String ones = "one ".repeat(50_000);
    assertThat(DatesAndAmounts.edits(ones + "dollars")).hasSize(1);
    assertThat(DatesAndAmounts.edits("a.".repeat(50_000) + "a")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"no equals sign", "=x", "a=", " = ", "(a)=b", "a= "})
  void refusesACorrectionThatIsNone(String correction) {
    assertThatThrownBy(() -> stage(List.of(correction), false, false, false, 0))
        .hasMessageContaining("linescribe.text.corrections")
        .hasMessageContaining("SPOKEN=WRITTEN");
  }

  @Test
  void refusesARegionThatIsNone() {
    assertThatThrownBy(() -> new TextSettings(List.of(), false, false, true, "XX", 0, false))
        .hasMessageContaining("linescribe.text.phone-region: 'XX'");
  }

  private static Hypothesis text(String text) {
    return new Hypothesis(text, List.of(), 0, 1000);
  }

  /** Each word a token, 100 ms apart. */
  private static Hypothesis spoken(String... words) {
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < words.length; i++) {
      tokens.add(new Token(" " + words[i], 100L * i, 0.9));
    }
    return new Hypothesis(String.join(" ", words), tokens, 0, 100L * words.length);
  }
}
