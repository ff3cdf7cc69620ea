package org.linescribe.asr.sherpa;

import java.util.List;

/** Word errors by edit distance: substitutions, insertions and deletions count one each. */
final class WordErrors {
  private WordErrors() {}

  static List<String> words(String text) {
    return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
  }

  static int count(String expected, String actual) {
    List<String> want = words(expected);
    List<String> have = words(actual);
    int[] row = new int[have.size() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= want.size(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int substitution = diagonal + (want.get(i - 1).equals(have.get(j - 1)) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substitution, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[have.size()];
  }
}
