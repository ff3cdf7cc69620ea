package org.linescribe.session.numbering;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Hypothesis;

class LegLanguagesTest {
  private final LegLanguages languages = new LegLanguages(2);

  private static Hypothesis said(String language, long ms) {
    return new Hypothesis("bonjour", List.of(), 500, 500 + ms, Optional.of(language));
  }

  @Test
  void aShortUtteranceTellsNone() {
    assertThat(languages.of(0, said("ja", 1999))).isEmpty();
    assertThat(languages.of(0, said("fr", 2000))).contains("fr");
  }

  @Test
  void isHeldThroughShortUtterancesUntilALongOneShowsAnother() {
    languages.of(0, said("fr", 2500));

    assertThat(languages.of(0, said("ja", 600))).contains("fr");
    assertThat(languages.of(0, new Hypothesis("oui", List.of(), 0, 300))).contains("fr");
    assertThat(languages.of(0, said("en", 4000))).contains("en");
  }

  @Test
  void isOfItsLeg() {
    languages.of(0, said("fr", 2500));

    assertThat(languages.of(1, said("es", 700))).isEmpty();
    assertThat(languages.of(1, said("es", 2700))).contains("es");
  }

  @Test
  void noneComesOfAModelThatTellsNone() {
    assertThat(languages.of(0, new Hypothesis("yes", List.of(), 0, 9000))).isEmpty();
  }
}
