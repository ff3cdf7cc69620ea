package org.linescribe.insights.rules;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.linescribe.insights.Classification;
import org.linescribe.insights.Entity;

/**
 * Scores the categories by the taxonomy's phrases and kinds of entity. A repeated phrase counts up
 * to three times: a long call must not win by repetition.
 */
record Classifier(Taxonomy taxonomy) {
  private static final int MAX_COUNT = 3;
  private static final int MAX_KEY_PHRASES = 10;

  Classification classify(List<String> lines, List<Entity> entities) {
    List<String> words = Words.of(String.join(" ", lines));
    List<Classification.Score> scores = new ArrayList<>();
    for (Taxonomy.Category category : taxonomy.categories()) {
      double score = 0;
      List<String> evidence = new ArrayList<>();
      for (Map.Entry<String, Double> phrase : new TreeMap<>(category.phrases()).entrySet()) {
        int count = Math.min(MAX_COUNT, Words.count(words, Words.of(phrase.getKey())));
        if (count > 0) {
          score += count * phrase.getValue();
          evidence.add(phrase.getKey());
        }
      }
      for (Map.Entry<Entity.Type, Double> kind : new TreeMap<>(category.entities()).entrySet()) {
        long count = entities.stream().filter(entity -> entity.type() == kind.getKey()).count();
        if (count > 0) {
          score += Math.min(MAX_COUNT, count) * kind.getValue();
          evidence.add(kind.getKey().name().toLowerCase(Locale.ROOT));
        }
      }
      if (score > 0) {
        scores.add(new Classification.Score(category.id(), score, evidence));
      }
    }
    scores.sort(
        Comparator.comparingDouble(Classification.Score::score)
            .reversed()
            .thenComparing(Classification.Score::category));
    List<String> keyPhrases = KeyPhrases.of(lines, taxonomy.stopWords(), MAX_KEY_PHRASES);
    String best = scores.isEmpty() ? Classification.UNCLASSIFIED : scores.getFirst().category();
    double all = scores.stream().mapToDouble(Classification.Score::score).sum();
    double confidence = scores.isEmpty() ? 0 : scores.getFirst().score() / all;
    return new Classification(best, taxonomy.label(best), confidence, scores, keyPhrases);
  }
}
