package org.linescribe.asr.sherpa;

import java.util.ArrayList;
import java.util.List;

/** The natural logarithms of token probabilities that the library writes into its JSON result. */
final class TokenProbabilities {
  private TokenProbabilities() {}

  /** Probabilities in [0, 1], or an empty list unless there is exactly one number per token. */
  static List<Double> parse(String json, String key, int tokens) {
    int at = json.indexOf('"' + key + '"');
    int open = at < 0 ? -1 : json.indexOf('[', at);
    int close = open < 0 ? -1 : json.indexOf(']', open);
    if (close < 0 || tokens == 0) {
      return List.of();
    }
    List<Double> probabilities = new ArrayList<>(tokens);
    for (String number : json.substring(open + 1, close).split(",")) {
      try {
        double probability = Math.exp(Double.parseDouble(number.strip()));
        if (!(probability >= 0 && probability <= 1.000001)) {
          return List.of();
        }
        probabilities.add(Math.min(1, probability));
      } catch (NumberFormatException e) {
        return List.of();
      }
    }
    return probabilities.size() == tokens ? probabilities : List.of();
  }
}
