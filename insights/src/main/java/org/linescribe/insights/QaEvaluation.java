package org.linescribe.insights;

import java.util.List;

/**
 * The result of checking a call against a checklist.
 *
 * @param score weight of the passed items over the weight of all, in [0, 1]
 */
public record QaEvaluation(double score, List<Item> items) {
  /**
   * @param id the item's id in the checklist
   * @param question what was checked, in words
   * @param evidence the words that decided it, empty when nothing was found
   * @param weight its share of the score
   */
  public record Item(String id, String question, boolean passed, String evidence, double weight) {}

  public QaEvaluation {
    items = List.copyOf(items);
  }

  /**
   * @param items at least one
   */
  public static QaEvaluation of(List<Item> items) {
    double passed = items.stream().filter(Item::passed).mapToDouble(Item::weight).sum();
    return new QaEvaluation(passed / items.stream().mapToDouble(Item::weight).sum(), items);
  }
}
