package org.linescribe.api.insights;

import java.util.List;

/**
 * What a call is about.
 *
 * @param category id of the strongest category, {@link #UNCLASSIFIED} where nothing speaks for any
 * @param label its name for people
 * @param confidence the category's share of all that spoke for any category, in [0, 1]; 0 when
 *     unclassified
 * @param scores every category that something spoke for, strongest first
 * @param keyPhrases what the call turns on, strongest first
 */
public record Classification(
    String category, String label, double confidence, List<Score> scores, List<String> keyPhrases) {
  public static final String UNCLASSIFIED = "unclassified";

  /**
   * @param evidence the words or kinds of entity that spoke for it
   */
  public record Score(String category, double score, List<String> evidence) {
    public Score {
      evidence = List.copyOf(evidence);
    }
  }

  public Classification {
    scores = List.copyOf(scores);
    keyPhrases = List.copyOf(keyPhrases);
  }
}
