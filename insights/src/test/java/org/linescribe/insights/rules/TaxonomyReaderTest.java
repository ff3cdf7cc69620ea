package org.linescribe.insights.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.insights.Classification;
import org.linescribe.insights.Outcome;
import org.linescribe.insights.Transcript;

class TaxonomyReaderTest {
  @TempDir Path folder;

  /** At a start it is read without its schema, which takes a fiftieth of it. */
  @Test
  void theBundledTaxonomyObeysItsSchema() {
    assertThat(TaxonomyReader.read(TaxonomyReader.bundledYaml(), "bundled"))
        .isEqualTo(TaxonomyReader.bundled());
  }

  private Path write(String yaml) throws IOException {
    return Files.writeString(folder.resolve("calls.yaml"), yaml);
  }

  @Test
  void readsTheBundledTaxonomy() {
    Taxonomy taxonomy = TaxonomyReader.bundled();
    assertThat(taxonomy.categories()).hasSizeGreaterThan(5);
    assertThat(taxonomy.qa()).hasSizeGreaterThan(5);
    assertThat(taxonomy.stopWords()).contains("the", "no", "yes", "on");
  }

  @Test
  void anEditedTaxonomyDecidesTheAnswer() throws IOException {
    Path file =
        write(
            """
            categories:
              - id: llamas
                label: Llamas
                phrases: {llama: 2, alpaca: 1}
            """);
    RulesInsights insights = new RulesInsights(TaxonomyReader.read(file), "US", 3);
    Transcript transcript =
        new Transcript("en", List.of(new Transcript.Line("my llama spits", 0, 900)), Instant.EPOCH);
    assertThat(insights.classify(transcript))
        .isInstanceOfSatisfying(
            Outcome.Done.class,
            done -> assertThat(((Classification) done.value()).category()).isEqualTo("llamas"));
    assertThat(insights.evaluate(transcript))
        .isEqualTo(new Outcome.Skipped<>("the taxonomy has no checklist (qa)"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "categories: [{id: a, phrases: {x: heavy}}] | /categories/0/phrases/x",
        "categories: [{label: b}] | id",
        "categories: [{id: a}, {id: a}] | id 'a' twice",
        "categories: []\\nqa: [{id: q, question: w, any: [x], within: middle}] | /qa/0/within",
        "categories: []\\ncolours: [red] | colours",
        "categories: []\\ncurrencies: {groats: QQQ} | /currencies/groats",
        "categories: []\\nspoken_digits: {ten: 10} | /spoken_digits/ten",
        "categories: [ | not YAML",
        "just words | object",
      })
  void refusesAWrongTaxonomyAndNamesThePlace(String yaml, String place) throws IOException {
    Path file = write(yaml.replace("\\n", "\n"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TaxonomyReader.read(file))
        .withMessageContaining("calls.yaml")
        .withMessageContaining(place);
  }

  @Test
  void refusesAMissingTaxonomy() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TaxonomyReader.read(folder.resolve("none.yaml")))
        .withMessageContaining("none.yaml")
        .withMessageContaining("cannot be read");
  }
}
