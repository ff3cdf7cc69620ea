package org.linescribe.asr.offline;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Token;

/**
 * A word of a window.
 *
 * @param startMs where it was heard, -1 where the decoder does not tell
 * @param tokens its units, empty where they do not make up the text
 */
record Word(String text, long startMs, List<Token> tokens) {
  Word {
    tokens = List.copyOf(tokens);
  }

  /**
   * @param timed whether the tokens' times mean something: Whisper's are all the window's start
   */
  static List<Word> of(Hypothesis hypothesis, boolean timed) {
    List<List<Token>> groups = new ArrayList<>();
    for (Token token : hypothesis.tokens()) {
      if (groups.isEmpty() || token.text().startsWith(" ")) {
        groups.add(new ArrayList<>());
      }
      groups.getLast().add(token);
    }
    List<Word> words = new ArrayList<>();
    for (List<Token> group : groups) {
      String text = String.join("", group.stream().map(Token::text).toList()).strip();
      if (!text.isEmpty()) {
        words.add(new Word(text, timed ? group.getFirst().startMs() : -1, group));
      }
    }
    if (text(words).equals(hypothesis.text())) {
      return words;
    }
    // Units of bytes, or none at all: the text alone is sure.
    return hypothesis.isEmpty()
        ? List.of()
        : List.of(hypothesis.text().split(" ")).stream()
            .map(text -> new Word(text, -1, List.of()))
            .toList();
  }

  static String text(List<Word> words) {
    return String.join(" ", words.stream().map(Word::text).toList());
  }

  static List<Token> tokens(List<Word> words) {
    return words.stream().flatMap(word -> word.tokens().stream()).toList();
  }

  boolean isTimed() {
    return startMs >= 0;
  }

  /** Equal but for case and punctuation, which a window's edge changes. */
  boolean soundsLike(Word other) {
    return plain().equals(other.plain());
  }

  private String plain() {
    String letters = text.replaceAll("[\\p{Punct}\\p{IsPunctuation}]", "");
    return (letters.isEmpty() ? text : letters).toLowerCase(Locale.ROOT);
  }
}
