package org.linescribe.testcalls;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How far a transcript is from what was said, in words, by the alignment with the fewest errors.
 *
 * <p>Words are compared without case and punctuation. Among alignments with equally few errors the
 * one with the most substitutions counts, so that the three numbers are the same everywhere.
 *
 * @param words words that were said
 */
public record WordErrors(int words, int substitutions, int deletions, int insertions) {
  public static final WordErrors NONE = new WordErrors(0, 0, 0, 0);

  public WordErrors {
    if (words < 0
        || substitutions < 0
        || deletions < 0
        || insertions < 0
        || substitutions + deletions > words) {
      throw new IllegalArgumentException(
          "words=%d substitutions=%d deletions=%d insertions=%d"
              .formatted(words, substitutions, deletions, insertions));
    }
  }

  /**
   * @param reference what was said
   * @param hypothesis what was understood
   */
  public static WordErrors between(String reference, String hypothesis) {
    List<String> said = words(reference);
    List<String> heard = words(hypothesis);
    int[][] errors = new int[said.size() + 1][heard.size() + 1];
    for (int i = 0; i <= said.size(); i++) {
      for (int j = 0; j <= heard.size(); j++) {
        if (i == 0 || j == 0) {
          errors[i][j] = i + j;
        } else {
          int both = errors[i - 1][j - 1] + (said.get(i - 1).equals(heard.get(j - 1)) ? 0 : 1);
          errors[i][j] = Math.min(both, 1 + Math.min(errors[i - 1][j], errors[i][j - 1]));
        }
      }
    }
    int substitutions = 0;
    int deletions = 0;
    int insertions = 0;
    int i = said.size();
    int j = heard.size();
    while (i > 0 || j > 0) {
      int differ = i > 0 && j > 0 && said.get(i - 1).equals(heard.get(j - 1)) ? 0 : 1;
      if (i > 0 && j > 0 && errors[i][j] == errors[i - 1][j - 1] + differ) {
        substitutions += differ;
        i--;
        j--;
      } else if (i > 0 && errors[i][j] == errors[i - 1][j] + 1) {
        deletions++;
        i--;
      } else {
        insertions++;
        j--;
      }
    }
    return new WordErrors(said.size(), substitutions, deletions, insertions);
  }

  public WordErrors plus(WordErrors other) {
    return new WordErrors(
        words + other.words,
        substitutions + other.substitutions,
        deletions + other.deletions,
        insertions + other.insertions);
  }

  public int errors() {
    return substitutions + deletions + insertions;
  }

  /** Errors per word that was said; may exceed 1. Where nothing was said, 0 or infinity. */
  public double rate() {
    return errors() == 0 ? 0 : (double) errors() / words;
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    for (String word : text.toUpperCase(Locale.ROOT).split("[^\\p{L}\\p{N}']+")) {
      if (!word.isEmpty()) {
        words.add(word);
      }
    }
    return words;
  }
}
