package org.linescribe.insights.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.insights.Classification;
import org.linescribe.insights.Entity;
import org.linescribe.insights.Outcome;
import org.linescribe.insights.QaEvaluation;
import org.linescribe.insights.Transcript;

class RulesInsightsTest {
  /** A Tuesday. */
  private static final Instant SPOKEN_AT = Instant.parse("2026-01-20T10:30:00Z");

  private final RulesInsights insights = new RulesInsights(TaxonomyReader.bundled(), "US", 2);

  private static Transcript transcript(String... lines) {
    List<Transcript.Line> all = new ArrayList<>();
    for (int i = 0; i < lines.length; i++) {
      all.add(new Transcript.Line(lines[i], i * 1000L, i * 1000L + 900));
    }
    return new Transcript("en", all, SPOKEN_AT);
  }

  private List<Entity> entities(String... lines) {
    return done(insights.entities(transcript(lines)));
  }

  private static <T> T done(Outcome<T> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done<T>) outcome).value();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FOUR ONE SIX | 416",
        "my pin is six three nine zero thanks | my pin is 6390 thanks",
        "double seven oh triple five | 770555",
        "plus four four two zero | +4420",
        "twenty first of june nineteen eighty four | 21st of june 1984",
        "two hundred and five and six | 205 and 6",
        "twenty twenty six | 2026",
        "one thousand two hundred thirty four dollars | 1234 dollars",
        "two million three hundred thousand | 2300000",
        "twenty one twenty two | 2122",
        "thirty five forty six | 35 46",
        "nineteen oh five | 19 05",
        "sifuri saba moja mbili | 0712",
        "oh I see a second one | oh I see a second 1",
        "ten | 10",
        "twenty five hundred | 2500",
      })
  void writesSpokenNumbersAsDigits(String spoken, String written) {
    SpokenNumbers numbers = new SpokenNumbers(TaxonomyReader.bundled().spokenDigits());
    assertThat(numbers.write(new SpokenText(transcript(spoken))).text()).isEqualTo(written);
  }

  @Test
  void keepsEveryCharactersOriginForAnyMixtureOfWords() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String[] words = {
      "one",
      "OH",
      "double",
      "hundred",
      "and",
      "twenty",
      "first",
      "thousand",
      "plus",
      "x",
      "9",
      "zero",
      "nineteen",
      "-",
      ".",
      "million",
      "triple",
      "ninety"
    };
    SpokenNumbers numbers = new SpokenNumbers(TaxonomyReader.bundled().spokenDigits());
    for (int round = 0; round < 2000; round++) {
      String[] lines =
          IntStream.range(0, 1 + random.nextInt(3))
              .mapToObj(
                  line ->
                      random
                          .ints(1 + random.nextInt(9), 0, words.length)
                          .mapToObj(i -> words[i])
                          .reduce((a, b) -> a + " " + b)
                          .orElseThrow())
              .toArray(String[]::new);
      SpokenText spoken = new SpokenText(transcript(lines));
      NumberedText text = numbers.write(spoken);
      int previous = 0;
      for (int i = 0; i < text.text().length(); i++) {
        assertThat(text.spokenStart(i))
            .as("seed %d, %s, at %d", seed, spoken.text(), i)
            .isBetween(previous, spoken.text().length());
        assertThat(text.spokenEnd(i + 1)).isBetween(text.spokenStart(i), spoken.text().length());
        previous = text.spokenStart(i);
      }
      entities(lines);
    }
  }

  @Test
  void findsACardThatWasSpokenWithPausesAndMasksIt() {
    List<Entity> found =
        entities(
            "MY CARD IS FOUR ONE ONE ONE", "ONE ONE ONE ONE ONE ONE ONE ONE", "ONE ONE ONE ONE OK");

    assertThat(found)
        .extracting(Entity::type, Entity::text, Entity::value, Entity::masked)
        .containsExactly(
            tuple(Entity.Type.CARD, "**** **** **** 1111", "**** **** **** 1111", true));
    assertThat(found.getFirst().startMs()).isZero();
    assertThat(found.getFirst().endMs()).isEqualTo(2900);
  }

  @Test
  void masksACardInWhichADigitWasHeardWrong() {
    assertThat(entities("card 4111 1111 1111 1112 please"))
        .extracting(Entity::type, Entity::value, Entity::masked)
        .containsExactly(tuple(Entity.Type.NUMBER, "**** **** **** 1112", true));
  }

  @Test
  void findsACardAndAPhoneNumberAndAPinThatFollowOneAnother() {
    assertThat(
            entities(
                "TWO ONE TWO FIVE FIVE FIVE ZERO ONE FOUR NINE",
                "FOUR ONE ONE ONE ONE ONE ONE ONE ONE ONE ONE ONE ONE ONE ONE ONE",
                "PIN SIX THREE NINE ZERO"))
        .extracting(Entity::type, Entity::value)
        .containsExactly(
            tuple(Entity.Type.PHONE, "+12125550149"),
            tuple(Entity.Type.CARD, "**** **** **** 1111"),
            tuple(Entity.Type.NUMBER, "6390"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "call +44 20 7946 0018 now | PHONE | +442079460018",
        "TWO ONE TWO FIVE FIVE FIVE ZERO ONE FOUR NINE | PHONE | +12125550149",
        "plus two five four seven one two three four five six seven eight | PHONE | +254712345678",
        "write to Ann.Lee@example.org please | EMAIL | ann.lee@example.org",
        "it is john dot smith at example dot co dot uk | EMAIL | john.smith@example.co.uk",
        "that is twenty five dollars and ten cents | MONEY | USD 25.10",
        "it costs $1,250.50 today and | MONEY | USD 1250.50",
        "KES 300 was sent | MONEY | KES 300.00",
        "three hundred shillings | MONEY | KES 300.00",
        "born on the fifth of march 1984 | DATE | 1984-03-05",
        "born on twenty first of june nineteen eighty four | DATE | 1984-06-21",
        "due 2026-02-14 at the latest | DATE | 2026-02-14",
        "tomorrow afternoon would do | DATE | 2026-01-21T12:00",
        "on monday at ten thirty | DATE | 2026-01-26T10:30",
        "in three days you get it | DATE | 2026-01-23",
        "the code is seven seven one zero | NUMBER | 7710",
      })
  void findsAnEntity(String text, Entity.Type type, String value) {
    assertThat(entities(text)).extracting(Entity::type, Entity::value).contains(tuple(type, value));
  }

  @ParameterizedTest
  @CsvSource({
    "I sat in the sun and may march on",
    "the second one is mine for now",
    "one two three",
    "please hold for a minute",
    "look at this dot in the picture",
  })
  void findsNothingInOrdinarySpeech(String text) {
    assertThat(entities(text)).isEmpty();
  }

  @Test
  void classifiesByTheTaxonomyAndShowsWhy() {
    Classification classification =
        done(
            insights.classify(
                transcript(
                    "I want a refund for the payment",
                    "you charged my credit card twice",
                    "call me back")));

    assertThat(classification.category()).isEqualTo("payment");
    assertThat(classification.label()).isEqualTo("Payment and billing");
    assertThat(classification.confidence()).isGreaterThan(0.5).isLessThan(1);
    assertThat(classification.scores().getFirst().evidence())
        .contains("refund", "payment", "credit card", "charged");
    assertThat(classification.keyPhrases()).contains("credit card twice", "refund");
  }

  @Test
  void leavesACallUnclassifiedWhenNothingSpeaksForACategory() {
    Classification classification = done(insights.classify(transcript("lovely weather here")));
    assertThat(classification.category()).isEqualTo(Classification.UNCLASSIFIED);
    assertThat(classification.confidence()).isZero();
    assertThat(classification.scores()).isEmpty();
  }

  @Test
  void looksForAGreetingAtTheStartOnly() {
    String[] call = new String[20];
    java.util.Arrays.fill(call, "we talk about the contract");
    call[19] = "hello and goodbye";
    QaEvaluation late = done(insights.evaluate(transcript(call)));
    call[0] = "hello my name is Ann";
    QaEvaluation early = done(insights.evaluate(transcript(call)));

    assertThat(passed(late)).contains("farewell", "courtesy").doesNotContain("greeting");
    assertThat(passed(early)).contains("greeting", "introduction", "farewell", "courtesy");
    assertThat(early.score()).isGreaterThan(late.score());
  }

  private static List<String> passed(QaEvaluation evaluation) {
    return evaluation.items().stream()
        .filter(QaEvaluation.Item::passed)
        .map(QaEvaluation.Item::id)
        .toList();
  }

  @Test
  void summarisesByTheSentencesThatOthersAgreeWithInTheirOrder() {
    String summary =
        done(
            insights.summarise(
                transcript(
                    "the router shows a red light since monday",
                    "my dog likes walks",
                    "the red light on the router means the line is broken",
                    "lunch was nice",
                    "a technician repairs the broken line and the router tomorrow")));
    assertThat(summary).contains("router").doesNotContain("dog", "lunch");
    assertThat(
            done(
                insights.summarise(
                    transcript(
                        "number four one one one",
                        "one one one one one one one one one one one one"))))
        .isEqualTo("number **** **** **** 1111");
  }

  @Test
  void summarisesTheLongestCallInBoundedWork() {
    String[] lines =
        IntStream.range(0, 5000)
            .mapToObj(i -> "line " + Integer.toString(i, 36) + " speaks of subject " + i % 97)
            .toArray(String[]::new);
    String first = done(insights.summarise(transcript(lines)));
    assertThat(first).isEqualTo(done(insights.summarise(transcript(lines)))).isNotEmpty();
  }

  @Test
  void doesNotTranslateAndSaysSo() {
    assertThat(insights.translate(transcript("habari"), chunk -> {}))
        .isInstanceOfSatisfying(
            Outcome.Skipped.class,
            skipped -> assertThat(skipped.reason()).contains("does not translate"));
  }

  @Test
  void answersAnEmptyTranscriptWithoutMakingAnythingUp() {
    Transcript empty = transcript();
    assertThat(done(insights.entities(empty))).isEmpty();
    assertThat(done(insights.classify(empty)).category()).isEqualTo(Classification.UNCLASSIFIED);
    assertThat(insights.summarise(empty)).isInstanceOf(Outcome.Skipped.class);
    assertThat(insights.evaluate(empty)).isInstanceOf(Outcome.Skipped.class);
  }
}
