package org.linescribe.insights.rules;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Extracts the phrases between stop words, weighted by the degree of their words. Numbers are left
 * out: they are entities. Source: Rose et al., "Automatic Keyword Extraction from Individual
 * Documents" (RAKE), 2010.
 */
final class KeyPhrases {
  private static final int MAX_WORDS = 4;
  private static final int MIN_LETTERS = 3;

  private KeyPhrases() {}

  static List<String> of(List<String> lines, Set<String> stopWords, int limit) {
    Map<List<String>, Integer> counts = new LinkedHashMap<>();
    for (String line : lines) {
      List<String> phrase = new ArrayList<>();
      for (String word : Words.of(line)) {
        if (stopWords.contains(word) || !isSubject(word)) {
          end(phrase, counts);
        } else {
          phrase.add(word);
        }
      }
      end(phrase, counts);
    }
    Map<String, Double> frequency = new HashMap<>();
    Map<String, Double> degree = new HashMap<>();
    counts.forEach(
        (phrase, count) -> {
          for (String word : phrase) {
            frequency.merge(word, (double) count, Double::sum);
            degree.merge(word, (double) count * phrase.size(), Double::sum);
          }
        });
    record Weighed(String phrase, double weight) {}
    return counts.entrySet().stream()
        .map(
            entry ->
                new Weighed(
                    String.join(" ", entry.getKey()),
                    entry.getValue()
                        * entry.getKey().stream()
                            .mapToDouble(word -> degree.get(word) / frequency.get(word))
                            .sum()))
        .sorted(
            Comparator.comparingDouble(Weighed::weight).reversed().thenComparing(Weighed::phrase))
        .limit(limit)
        .map(Weighed::phrase)
        .toList();
  }

  private static boolean isSubject(String word) {
    return word.length() >= MIN_LETTERS && word.chars().noneMatch(Character::isDigit);
  }

  private static void end(List<String> phrase, Map<List<String>, Integer> counts) {
    if (!phrase.isEmpty() && phrase.size() <= MAX_WORDS) {
      counts.merge(List.copyOf(phrase), 1, Integer::sum);
    }
    phrase.clear();
  }
}
