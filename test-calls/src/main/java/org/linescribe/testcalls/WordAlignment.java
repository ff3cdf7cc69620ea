package org.linescribe.testcalls;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The alignment of two texts with the fewest errors, where several words of one may stand for
 * several words of the other.
 *
 * <p>Time and memory grow with the product of the two lengths.
 */
final class WordAlignment {
  /** Words that a compound or a contraction may fall into. */
  private static final int MAX_COMPOUND = 3;

  private final List<SpokenWord> said;
  private final List<SpokenWord> recognised;
  private final List<List<String>> saidNumbers;
  private final List<List<String>> recognisedNumbers;

  /** One step of an alignment: words of each text, and the errors in it. */
  private record Step(int said, int recognised, int errors) {}

  WordAlignment(List<SpokenWord> said, List<SpokenWord> recognised) {
    this.said = said;
    this.recognised = recognised;
    this.saidNumbers = numbers(said);
    this.recognisedNumbers = numbers(recognised);
  }

  WordErrors errors() {
    int[][] fewest = new int[said.size() + 1][recognised.size() + 1];
    for (int i = 0; i <= said.size(); i++) {
      for (int j = 0; j <= recognised.size(); j++) {
        int best = i == 0 && j == 0 ? 0 : Integer.MAX_VALUE;
        for (Step step : steps(i, j)) {
          best = Math.min(best, fewest[i - step.said][j - step.recognised] + step.errors);
        }
        fewest[i][j] = best;
      }
    }
    int substitutions = 0;
    int deletions = 0;
    int insertions = 0;
    int i = said.size();
    int j = recognised.size();
    while (i > 0 || j > 0) {
      for (Step step : steps(i, j)) {
        if (fewest[i][j] == fewest[i - step.said][j - step.recognised] + step.errors) {
          if (step.recognised == 0) {
            deletions++;
          } else if (step.said == 0) {
            insertions++;
          } else {
            substitutions += step.errors;
          }
          i -= step.said;
          j -= step.recognised;
          break;
        }
      }
    }
    return new WordErrors(said.size(), substitutions, deletions, insertions);
  }

  /** The steps that may end after i words of the one and j of the other text, preferred first. */
  private List<Step> steps(int i, int j) {
    List<Step> steps = new ArrayList<>(3);
    if (i > 0 && j > 0) {
      steps.add(new Step(1, 1, said.get(i - 1).sounds(recognised.get(j - 1)) ? 0 : 1));
      addCompounds(steps, i, j);
      addNumbers(steps, saidNumbers.get(i - 1), recognisedNumbers.get(j - 1));
    }
    if (i > 0) {
      steps.add(new Step(1, 0, 1));
    }
    if (j > 0) {
      steps.add(new Step(0, 1, 1));
    }
    return steps;
  }

  private void addCompounds(List<Step> steps, int i, int j) {
    if (!sharesEnd(said.get(i - 1), recognised.get(j - 1))) {
      return;
    }
    for (int one = 1; one <= Math.min(i, MAX_COMPOUND); one++) {
      List<String> left = joined(said, i - one, i);
      for (int other = 1; other <= Math.min(j, MAX_COMPOUND); other++) {
        if (one + other > 2 && joined(recognised, j - other, j).stream().anyMatch(left::contains)) {
          steps.add(new Step(one, other, 0));
        }
      }
    }
  }

  /** Texts that are equal when joined end in the same letter: most pairs are out at once. */
  private static boolean sharesEnd(SpokenWord one, SpokenWord other) {
    return one.said().stream()
        .anyMatch(
            mine ->
                other.said().stream()
                    .anyMatch(
                        theirs ->
                            mine.charAt(mine.length() - 1) == theirs.charAt(theirs.length() - 1)));
  }

  private static List<String> joined(List<SpokenWord> words, int from, int to) {
    List<String> joined = List.of("");
    for (SpokenWord word : words.subList(from, to)) {
      List<String> longer = new ArrayList<>();
      for (String begin : joined) {
        word.said().forEach(said -> longer.add(begin + said));
      }
      joined = longer;
    }
    return joined;
  }

  /** Adds equal numbers, and those of equally many digits, of which some may differ. */
  private static void addNumbers(List<Step> steps, List<String> one, List<String> other) {
    for (int i = 1; i < one.size(); i++) {
      for (int j = 1; j < other.size(); j++) {
        if (!one.get(i).isEmpty() && one.get(i).length() == other.get(j).length()) {
          int differ = 0;
          for (int at = 0; at < one.get(i).length(); at++) {
            differ += one.get(i).charAt(at) == other.get(j).charAt(at) ? 0 : 1;
          }
          if (differ <= Math.min(i, one.get(i).length() / 2)) {
            steps.add(new Step(i, j, differ));
          }
        }
      }
    }
  }

  /** For each word: the digits of the number that its last 1, 2, 3 … words are, empty if none. */
  private static List<List<String>> numbers(List<SpokenWord> words) {
    List<List<String>> numbers = new ArrayList<>();
    for (int end = 1; end <= words.size(); end++) {
      List<String> ending = new ArrayList<>(List.of(""));
      int from = end - 1;
      while (from >= 0
          && end - from <= SpokenNumber.MAX_WORDS
          && SpokenNumber.isPart(words.get(from))) {
        @Nullable String digits = SpokenNumber.digits(words.subList(from, end));
        ending.add(digits == null ? "" : digits);
        from--;
      }
      numbers.add(ending);
    }
    return numbers;
  }
}
