package org.linescribe.api.insights;

import java.util.List;

/**
 * A call held against a checklist.
 *
 * @param score weight of the passed items over the weight of all, in [0, 1]
 */
public record QaEvaluation(double score, List<Item> items) {
  /**
   * @param id the checklist's name of it
   * @param question what was checked, in words
   * @param evidence the words that decided it, empty when nothing was found
   * @param weight its part of the score
   */
  public record Item(String id, String question, boolean passed, String evidence, double weight) {}

  public QaEvaluation {
    items = List.copyOf(items);
  }
}
