package org.linescribe.testsupport;

import java.util.List;
import java.util.Locale;

/** Substitutions, insertions and deletions, one each, that turn one text into the other. */
public final class WordDistance {
  private WordDistance() {}

  /** Compares words without their case. */
  public static int between(String said, String recognised) {
    List<String> want = words(said);
    List<String> have = words(recognised);
    int[] row = new int[have.size() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= want.size(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int substituted = diagonal + (want.get(i - 1).equals(have.get(j - 1)) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[have.size()];
  }

  public static List<String> words(String text) {
    return text.isBlank()
        ? List.of()
        : List.of(text.strip().toUpperCase(Locale.ROOT).split("\\s+"));
  }
}
