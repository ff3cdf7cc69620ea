package org.linescribe.api.insights.rules;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.linescribe.api.insights.Entity;

/**
 * What the operator knows about the calls: their categories, the checklist, words to leave out,
 * words for digits and currencies.
 *
 * @param categories what a call can be about
 * @param qa the checklist
 * @param stopWords words that carry no subject, lower case
 * @param digits words for single digits besides the English ones, lower case
 * @param currencies words for currencies, lower case, and their ISO 4217 codes
 */
public record Taxonomy(
    List<Category> categories,
    List<Check> qa,
    Set<String> stopWords,
    Map<String, Integer> digits,
    Map<String, String> currencies) {
  /**
   * @param phrases words in a row, lower case, and the weight of each
   * @param entities kinds of entity and the weight of each
   */
  public record Category(
      String id, String label, Map<String, Double> phrases, Map<Entity.Type, Double> entities) {
    public Category {
      phrases = Map.copyOf(phrases);
      entities = Map.copyOf(entities);
    }
  }

  /**
   * One item of the checklist.
   *
   * @param question what is checked, in words
   * @param expect what makes it pass
   * @param any phrases, one of which must be said (or, by {@code expect}, must not)
   * @param within which part of the call is looked at
   */
  public record Check(
      String id, String question, Expect expect, List<String> any, Part within, double weight) {
    public Check {
      any = List.copyOf(any);
    }
  }

  /** Whether a phrase is wanted. */
  public enum Expect {
    SAID,
    NOT_SAID
  }

  /** A part of the call by its utterances: the first or last fifth, at least one. */
  public enum Part {
    START,
    END,
    ANYWHERE
  }

  public Taxonomy {
    categories = List.copyOf(categories);
    qa = List.copyOf(qa);
    stopWords = Set.copyOf(stopWords);
    digits = Map.copyOf(digits);
    currencies = Map.copyOf(currencies);
  }
}
