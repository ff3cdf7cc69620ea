package org.linescribe.insights;

import java.util.List;

/**
 * What a call is about.
 *
 * @param category id of the strongest category, {@link #UNCLASSIFIED} where no category scored
 * @param label the category's name for people
 * @param confidence the category's share of the sum of all scores, in [0, 1]; 0 when unclassified
 * @param scores every category with a score, strongest first
 * @param keyPhrases the subjects of the call, strongest first
 */
public record Classification(
    String category, String label, double confidence, List<Score> scores, List<String> keyPhrases) {
  public static final String UNCLASSIFIED = "unclassified";
  public static final String UNCLASSIFIED_LABEL = "Unclassified";

  /**
   * @param evidence the phrases and kinds of entity that scored
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
