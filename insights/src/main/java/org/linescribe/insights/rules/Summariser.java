package org.linescribe.insights.rules;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Extracts the sentences that share the most words with the others, in the order of the call.
 * Source: Mihalcea and Tarau, "TextRank: Bringing Order into Texts", 2004; similarity is the share
 * of common words.
 *
 * <p>Of a call of more than {@link #MAX_SENTENCES} sentences, only the longest are ranked: the cost
 * of the ranking is quadratic.
 */
record Summariser(Set<String> stopWords, int sentences) {
  static final int MAX_SENTENCES = 400;
  private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?])\\s+");
  private static final double DAMPING = 0.85;
  private static final int ROUNDS = 30;

  private record Sentence(String text, int position, Set<String> words) {}

  String summarise(List<String> lines) {
    List<Sentence> all = new ArrayList<>();
    for (String line : lines) {
      for (String text : SENTENCE_END.split(line)) {
        Set<String> words = new HashSet<>(Words.of(text));
        words.removeAll(stopWords);
        all.add(new Sentence(text.strip(), all.size(), words));
      }
    }
    List<Sentence> chosen = all;
    if (all.size() > MAX_SENTENCES) {
      chosen =
          all.stream()
              .sorted(
                  Comparator.comparingInt((Sentence s) -> -s.words().size())
                      .thenComparingInt(Sentence::position))
              .limit(MAX_SENTENCES)
              .sorted(Comparator.comparingInt(Sentence::position))
              .toList();
    }
    if (chosen.size() <= sentences) {
      return String.join(" ", chosen.stream().map(Sentence::text).toList());
    }
    List<Sentence> ranked = chosen;
    double[] ranks = ranks(ranked);
    return IntStream.range(0, ranked.size())
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -ranks[i]).thenComparingInt(i -> i))
        .limit(sentences)
        .sorted()
        .map(i -> ranked.get(i).text())
        .reduce((left, right) -> left + " " + right)
        .orElse("");
  }

  private static double[] ranks(List<Sentence> sentences) {
    int n = sentences.size();
    double[][] similarity = new double[n][n];
    double[] weight = new double[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        double s = similarity(sentences.get(i).words(), sentences.get(j).words());
        similarity[i][j] = s;
        similarity[j][i] = s;
        weight[i] += s;
        weight[j] += s;
      }
    }
    double[] ranks = new double[n];
    Arrays.fill(ranks, 1);
    for (int round = 0; round < ROUNDS; round++) {
      double[] next = new double[n];
      for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++) {
          if (similarity[i][j] > 0) {
            sum += similarity[i][j] / weight[j] * ranks[j];
          }
        }
        next[i] = 1 - DAMPING + DAMPING * sum;
      }
      ranks = next;
    }
    return ranks;
  }

  private static double similarity(Set<String> left, Set<String> right) {
    if (left.size() < 2 || right.size() < 2) {
      return 0;
    }
    long common = left.stream().filter(right::contains).count();
    return common / (Math.log(left.size()) + Math.log(right.size()));
  }
}
