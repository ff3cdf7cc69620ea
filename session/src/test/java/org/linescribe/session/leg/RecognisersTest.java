package org.linescribe.session.leg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.asr.Hotwords;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserLoad;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.session.RecognitionRequest;

class RecognisersTest {
  private static final Recogniser ENGLISH =
      new Described(new RecogniserInfo("sherpa", "small-en", "en", 16_000));
  private static final Recogniser MANY =
      new Described(
          new RecogniserInfo(
              "whisper", "base", "mul", Set.of("en", "fr"), Set.of("en", "fr"), 16_000));
  private static final Recogniser FILES =
      new Described(new RecogniserInfo("sherpa-chunks", "small-en", "en", 16_000));
  private static final Recogniser DIGITS =
      new Described(new RecogniserInfo("sherpa", "digits", "en", 16_000));

  private final Recognisers recognisers =
      new Recognisers(
          inOrder(Map.entry("sherpa", ENGLISH), Map.entry("whisper", MANY), Map.entry("f", FILES)),
          Set.of("f"),
          inOrder(
              Map.entry("small-en", ENGLISH),
              Map.entry("base", MANY),
              Map.entry("digits", DIGITS)));

  /** Only describes itself. */
  private record Described(RecogniserInfo info) implements Recogniser {
    @Override
    public boolean takesHotwords() {
      return info.model().equals("digits");
    }

    @Override
    public RecogniserLoad load() {
      return new RecogniserLoad(0, 0, false);
    }

    @Override
    public RecogniserStream open(
        LegReader audio, StreamOptions options, RecogniserListener listener) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  /** Its model cannot be loaded. */
  private record NotNow(RecogniserInfo info) implements Recogniser {
    @Override
    public RecogniserLoad load() {
      return new RecogniserLoad(0, 0, false);
    }

    @Override
    public boolean prepare(String languageTag) {
      throw new RecogniserException("tokens.txt: missing");
    }

    @Override
    public RecogniserStream open(
        LegReader audio, StreamOptions options, RecogniserListener listener) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }

  @SafeVarargs
  private static Map<String, Recogniser> inOrder(Map.Entry<String, Recogniser>... entries) {
    Map<String, Recogniser> map = new LinkedHashMap<>();
    for (Map.Entry<String, Recogniser> entry : entries) {
      map.put(entry.getKey(), entry.getValue());
    }
    return map;
  }

  private static RecognitionRequest model(String name) {
    return RecognitionRequest.DEFAULT.withModel(Optional.of(name));
  }

  private static RecognitionRequest provider(String name) {
    return RecognitionRequest.DEFAULT.withProvider(Optional.of(name));
  }

  private static RecognitionRequest language(String tag) {
    return RecognitionRequest.DEFAULT.withLanguage(Optional.of(tag));
  }

  @Test
  void choosesTheFirstInOrderAndFailsOverToThoseThatNobodyMustName() {
    assertThat(recognisers.choose(RecognitionRequest.DEFAULT))
        .isEqualTo(
            new Recognisers.Choice(
                List.of(ENGLISH, MANY), Optional.empty(), Hotwords.NONE, List.of(), false));
  }

  @Test
  void putsTheNamedModelFirst() {
    assertThat(recognisers.choose(model("digits")).candidates())
        .containsExactly(DIGITS, ENGLISH, MANY);
    assertThat(recognisers.choose(model("base")).candidates()).containsExactly(MANY, ENGLISH);
    assertThat(recognisers.choose(provider("f")).candidates())
        .containsExactly(FILES, ENGLISH, MANY);
  }

  @Test
  void choosesByLanguage() {
    Recognisers.Choice french = recognisers.choose(language("fr-CA"));

    assertThat(french.candidates()).containsExactly(MANY);
    assertThat(french.language()).contains("fr-CA");
  }

  @Test
  void saysWhetherTheFirstCandidateIsInTheLanguage() {
    Recognisers.Choice french = recognisers.choose(language("fr-CA")).prepared();
    assertThat(french.isInLanguage()).isTrue();
    assertThat(french.unserved()).isEmpty();
    assertThat(recognisers.choose(language("en-GB")).prepared().isInLanguage()).isTrue();
    assertThat(recognisers.choose(RecognitionRequest.DEFAULT).prepared().isInLanguage()).isFalse();
  }

  /** It goes on as without a language, which is not known of its text then. */
  @Test
  void leavesAModelToFindTheLanguageOutWhichCannotBeTold() {
    Recogniser many =
        new Described(
            new RecogniserInfo("sherpa", "parakeet", "mul", Set.of("de"), Set.of(), 16_000));
    for (Recogniser first : List.of(many, new NotNow(MANY.info()))) {
      Recognisers one = new Recognisers(Map.of("sherpa", first), Set.of(), Map.of());
      String tag = first == many ? "de" : "fr";

      Recognisers.Choice choice = one.choose(language(tag)).prepared();

      assertThat(choice.isInLanguage()).isFalse();
      assertThat(choice.candidates()).containsExactly(first);
      assertThat(choice.unserved())
          .containsExactly(
              "language: " + tag + " could not be told to model " + first.info().model());
    }
  }

  @Test
  void refusesWhatIsNotServedAndSaysWhatIs() {
    for (var refused :
        Map.of(
                model("nova"), "model: expected one of small-en, base, digits",
                provider("google"), "provider: expected one of sherpa, whisper, f",
                language("sw"), "language: expected one of en, fr",
                model("digits").withLanguage(Optional.of("fr")),
                    "language: not one of model digits (expected: en)",
                provider("sherpa").withLanguage(Optional.of("fr")),
                    "language: not one of provider sherpa")
            .entrySet()) {
      assertThatThrownBy(() -> recognisers.choose(refused.getKey()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(refused.getValue());
    }
  }

  @Test
  void leavesWhatIsNotServedToTheDefaultWhereItMay() {
    assertThat(recognisers.choose(model("nova").orElseDefault()))
        .isEqualTo(
            new Recognisers.Choice(
                List.of(ENGLISH, MANY),
                Optional.empty(),
                Hotwords.NONE,
                List.of("model: expected one of small-en, base, digits"),
                false));
    assertThat(recognisers.choose(language("sw").orElseDefault()))
        .isEqualTo(
            new Recognisers.Choice(
                List.of(ENGLISH, MANY),
                Optional.empty(),
                Hotwords.NONE,
                List.of("language: expected one of en, fr"),
                false));
  }

  @Test
  void neverReplacesANamedModelByOneThatSpeaksTheLanguage() {
    Recognisers.Choice choice =
        recognisers.choose(model("digits").withLanguage(Optional.of("fr")).orElseDefault());

    assertThat(choice.candidates().getFirst()).isEqualTo(DIGITS);
    assertThat(choice.language()).isEmpty();
    assertThat(choice.unserved()).hasSize(1);
  }

  @Test
  void passesHotwordsToAModelThatTakesThem() {
    RecognitionRequest asking = model("digits").withHotwords(List.of(" John O'Neill", "", "Acme"));

    assertThat(recognisers.choose(asking).hotwords().phrases())
        .containsExactly("John O'Neill", "Acme");
    assertThatThrownBy(() -> recognisers.choose(asking.withModel(Optional.of("base"))))
        .hasMessage("hotwords: not taken by model base");
    Recognisers.Choice left =
        recognisers.choose(asking.withModel(Optional.of("base")).orElseDefault());
    assertThat(left.hotwords()).isEqualTo(Hotwords.NONE);
    assertThat(left.unserved()).containsExactly("hotwords: not taken by model base");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "acme :2.0", "#1", "@x", "a\nb", "a  b", "-", "one;two"})
  void refusesHotwordsThatTheLibraryWouldReadAsItsSyntax(String phrase) {
    assertThatThrownBy(() -> recognisers.choose(model("digits").withHotwords(List.of(phrase))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("hotwords: expected at most 100 phrases")
        .hasMessageNotContaining(phrase);
  }

  @Test
  void refusesMoreOrLongerHotwordsThanTheLimit() {
    for (List<String> phrases :
        List.of(Collections.nCopies(101, "word"), List.of("w".repeat(65)))) {
      assertThatThrownBy(() -> recognisers.choose(model("digits").withHotwords(phrases)))
          .hasMessageStartingWith("hotwords: expected");
    }
  }

  @Test
  void replacesAPreferredProviderByOneThatSpeaksTheLanguage() {
    Recognisers.Choice choice =
        recognisers.choose(provider("f").withLanguage(Optional.of("fr")).orElseDefault());

    assertThat(choice.candidates()).containsExactly(MANY);
    assertThat(choice.language()).contains("fr");
    assertThat(choice.unserved()).isEmpty();
  }
}
