package org.linescribe.insights.rules;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.linescribe.insights.Classification;
import org.linescribe.insights.Entity;

/**
 * What the operator knows about the calls: their categories, the checklist, stop words, words for
 * digits and currencies. All words are in lower case. {@link TaxonomyReader} reads it from YAML,
 * where every list but the categories may be absent.
 *
 * @param categories what a call can be about
 * @param qa the checklist
 * @param stopWords words that carry no subject
 * @param spokenDigits words for single digits besides the English ones
 * @param currencies words for currencies and their ISO 4217 codes
 */
public record Taxonomy(
    List<Category> categories,
    List<Check> qa,
    @JsonProperty("stop_words") Set<String> stopWords,
    @JsonProperty("spoken_digits") Map<String, Integer> spokenDigits,
    Map<String, String> currencies) {
  /**
   * @param phrases consecutive words and the weight of each phrase
   * @param entities kinds of entity and the weight of each
   */
  public record Category(
      String id,
      String label,
      @Nullable Map<String, Double> phrases,
      @Nullable Map<Entity.Type, Double> entities) {
    public Category {
      label = label == null ? id : label;
      phrases = lowerKeys(phrases);
      entities = entities == null ? Map.of() : Map.copyOf(entities);
    }
  }

  /**
   * One item of the checklist.
   *
   * @param question what is checked, in words
   * @param expect what makes it pass
   * @param any phrases, one of which must be said (or, by {@code expect}, must not)
   * @param within the section of the call that is searched
   * @param weight 1 when absent
   */
  public record Check(
      String id, String question, Expect expect, List<String> any, Section within, Double weight) {
    public Check {
      expect = expect == null ? Expect.SAID : expect;
      any = any.stream().map(Taxonomy::lower).toList();
      within = within == null ? Section.ANYWHERE : within;
      weight = weight == null ? 1 : weight;
    }
  }

  /** Whether a phrase is wanted. */
  public enum Expect {
    SAID,
    NOT_SAID
  }

  /** A section of the call by its utterances: the first or last fifth, at least one. */
  public enum Section {
    START,
    END,
    ANYWHERE
  }

  public Taxonomy {
    categories = List.copyOf(categories);
    qa = qa == null ? List.of() : List.copyOf(qa);
    stopWords =
        stopWords == null
            ? Set.of()
            : stopWords.stream().map(Taxonomy::lower).collect(Collectors.toUnmodifiableSet());
    spokenDigits = lowerKeys(spokenDigits);
    currencies = lowerKeys(currencies);
  }

  /** A category's name for people. */
  public String label(String category) {
    return categories.stream()
        .filter(known -> known.id().equals(category))
        .map(Category::label)
        .findFirst()
        .orElse(Classification.UNCLASSIFIED_LABEL);
  }

  private static <T> Map<String, T> lowerKeys(@Nullable Map<String, T> map) {
    return map == null
        ? Map.of()
        : map.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    entry -> lower(entry.getKey()), Map.Entry::getValue, (_, last) -> last));
  }

  private static String lower(String words) {
    return words.strip().toLowerCase(Locale.ROOT);
  }
}
