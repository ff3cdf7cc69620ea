package org.linescribe.insights.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.linescribe.insights.Classification;
import org.linescribe.insights.Entity;
import org.linescribe.insights.Insights;
import org.linescribe.insights.Outcome;
import org.linescribe.insights.QaEvaluation;
import org.linescribe.insights.Transcript;
import org.linescribe.insights.Translation;

/**
 * Insights by parsers and a taxonomy: no network, no model, and deterministic. It does not
 * translate.
 *
 * <p>Thread: any.
 */
public final class RulesInsights implements Insights {
  /** Why a step is skipped on a call without speech. */
  public static final String NO_WORDS = "nothing was said";

  /** Why a call is not evaluated without a checklist. */
  public static final String NO_CHECKLIST = "the taxonomy has no checklist (qa)";

  private static final int SECTIONS = 5;

  private final Taxonomy taxonomy;
  private final EntityFinder entities;
  private final Classifier classifier;
  private final Summariser summariser;
  private final CardMask mask;

  /**
   * @param region ISO 3166-1 alpha-2 code of the country whose phone numbers come without a prefix
   * @param summarySentences the longest summary, from 1
   */
  public RulesInsights(Taxonomy taxonomy, String region, int summarySentences) {
    this.taxonomy = taxonomy;
    this.entities = new EntityFinder(taxonomy, region);
    this.classifier = new Classifier(taxonomy);
    this.summariser = new Summariser(taxonomy.stopWords(), summarySentences);
    this.mask = new CardMask(taxonomy.spokenDigits());
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
    if (transcript.isEmpty() || taxonomy.qa().isEmpty()) {
      return new Outcome.Skipped<>(transcript.isEmpty() ? NO_WORDS : NO_CHECKLIST);
    }
    List<String> lines = lines(transcript);
    List<QaEvaluation.Item> items = new ArrayList<>();
    for (Taxonomy.Check check : taxonomy.qa()) {
      List<String> words = Words.of(String.join(" ", section(lines, check.within())));
      String said =
          check.any().stream()
              .filter(phrase -> Words.count(words, Words.of(phrase)) > 0)
              .findFirst()
              .orElse("");
      boolean pass = said.isEmpty() == (check.expect() == Taxonomy.Expect.NOT_SAID);
      items.add(new QaEvaluation.Item(check.id(), check.question(), pass, said, check.weight()));
    }
    return new Outcome.Done<>(QaEvaluation.of(items));
  }

  @Override
  public Outcome<String> summarise(Transcript transcript) {
    return transcript.isEmpty()
        ? new Outcome.Skipped<>(NO_WORDS)
        : new Outcome.Done<>(summariser.summarise(mask.mask(transcript)));
  }

  @Override
  public void close() {
    // Holds nothing that needs closing.
  }

  /** The entities that parsers can prove, in the order of the text. */
  public List<Entity> find(Transcript transcript) {
    return entities.find(entities.number(transcript));
  }

  private static List<String> lines(Transcript transcript) {
    return transcript.lines().stream().map(Transcript.Line::text).toList();
  }

  private static List<String> section(List<String> lines, Taxonomy.Section section) {
    int size = lines.isEmpty() ? 0 : Math.max(1, lines.size() / SECTIONS);
    return switch (section) {
      case START -> lines.subList(0, size);
      case END -> lines.subList(lines.size() - size, lines.size());
      case ANYWHERE -> lines;
    };
  }
}
