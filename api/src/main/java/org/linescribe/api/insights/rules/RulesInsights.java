package org.linescribe.api.insights.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.linescribe.api.insights.Classification;
import org.linescribe.api.insights.Entity;
import org.linescribe.api.insights.Insights;
import org.linescribe.api.insights.Outcome;
import org.linescribe.api.insights.QaEvaluation;
import org.linescribe.api.insights.Transcript;
import org.linescribe.api.insights.Translation;

/**
 * Insights by parsers and a taxonomy: no network, no model, the same answer every time. It does not
 * translate.
 *
 * <p>Thread: any.
 */
public final class RulesInsights implements Insights {
  private static final int PART = 5;

  private final Taxonomy taxonomy;
  private final EntityFinder entities;
  private final Classifier classifier;
  private final Summariser summariser;
  private final CardMask mask;

  /**
   * @param region ISO 3166-1 alpha-2 code of the country whose phone numbers come without a prefix
   * @param summarySentences how long a summary may be, from 1
   */
  public RulesInsights(Taxonomy taxonomy, String region, int summarySentences) {
    this.taxonomy = taxonomy;
    this.entities = new EntityFinder(taxonomy, region);
    this.classifier = new Classifier(taxonomy);
    this.summariser = new Summariser(taxonomy.stopWords(), summarySentences);
    this.mask = new CardMask(taxonomy.digits());
  }

  @Override
  public String provider() {
    return "rules";
  }

  @Override
  public Outcome<Translation> translate(Transcript transcript, Consumer<Translation.Chunk> chunks) {
    return new Outcome.Skipped<>(
        "provider rules does not translate; linescribe.insights.provider=openai does");
  }

  @Override
  public Outcome<List<Entity>> entities(Transcript transcript) {
    return new Outcome.Done<>(find(transcript));
  }

  @Override
  public Outcome<Classification> classify(Transcript transcript) {
    return new Outcome.Done<>(classifier.classify(lines(transcript), find(transcript)));
  }

  @Override
  public Outcome<QaEvaluation> evaluate(Transcript transcript) {
    if (transcript.isEmpty()) {
      return new Outcome.Skipped<>("nothing was said");
    }
    List<String> lines = lines(transcript);
    List<QaEvaluation.Item> items = new ArrayList<>();
    double passed = 0;
    double all = 0;
    for (Taxonomy.Check check : taxonomy.qa()) {
      List<String> words = Words.of(String.join(" ", part(lines, check.within())));
      String said =
          check.any().stream()
              .filter(phrase -> Words.count(words, Words.of(phrase)) > 0)
              .findFirst()
              .orElse("");
      boolean pass = said.isEmpty() == (check.expect() == Taxonomy.Expect.NOT_SAID);
      items.add(new QaEvaluation.Item(check.id(), check.question(), pass, said, check.weight()));
      all += check.weight();
      passed += pass ? check.weight() : 0;
    }
    return items.isEmpty()
        ? new Outcome.Skipped<>("the taxonomy has no checklist (qa)")
        : new Outcome.Done<>(new QaEvaluation(passed / all, items));
  }

  @Override
  public Outcome<String> summarise(Transcript transcript) {
    return transcript.isEmpty()
        ? new Outcome.Skipped<>("nothing was said")
        : new Outcome.Done<>(summariser.summarise(mask.mask(transcript)));
  }

  @Override
  public void close() {
    // Holds nothing that needs closing.
  }

  private List<Entity> find(Transcript transcript) {
    return entities.find(entities.number(transcript));
  }

  private static List<String> lines(Transcript transcript) {
    return transcript.lines().stream().map(Transcript.Line::text).toList();
  }

  private static List<String> part(List<String> lines, Taxonomy.Part part) {
    int size = lines.isEmpty() ? 0 : Math.max(1, lines.size() / PART);
    return switch (part) {
      case START -> lines.subList(0, size);
      case END -> lines.subList(lines.size() - size, lines.size());
      case ANYWHERE -> lines;
    };
  }
}
