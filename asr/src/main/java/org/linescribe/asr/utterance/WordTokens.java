package org.linescribe.asr.utterance;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Token;

/** Tokens as the words that they make up: one that begins with a space begins a word. Pure. */
final class WordTokens {
  private WordTokens() {}

  /**
   * @param words how many the text has
   * @return the tokens of some of the words; null where the tokens do not tell so many words
   */
  static @Nullable List<Token> of(List<Token> tokens, int words, int from, int to) {
    if (tokens.isEmpty()) {
      return tokens;
    }
    List<Integer> begins = new ArrayList<>();
    for (int i = 0; i < tokens.size(); i++) {
      if (i == 0 || tokens.get(i).text().startsWith(" ")) {
        begins.add(i);
      }
    }
    if (begins.size() != words) {
      return null;
    }
    begins.add(tokens.size());
    return tokens.subList(begins.get(from), begins.get(to));
  }
}
