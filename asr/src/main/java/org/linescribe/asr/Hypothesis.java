package org.linescribe.asr;

import java.util.List;
import java.util.Optional;

/**
 * One revision of the text of the open utterance.
 *
 * @param text words separated by single spaces, empty when nothing was recognised yet
 * @param tokens the units that make up the text, in order
 * @param startMs where the utterance's speech begins, on the leg's timeline
 * @param endMs where the audio that this revision is based on ends, on the leg's timeline
 * @param language ISO 639 code of the language that a model of several found by itself; empty where
 *     it has one language, was told it, or does not say
 */
public record Hypothesis(
    String text, List<Token> tokens, long startMs, long endMs, Optional<String> language) {
  public Hypothesis {
    tokens = List.copyOf(tokens);
    if (startMs < 0 || endMs < startMs) {
      throw new IllegalArgumentException(
          "startMs, endMs: " + startMs + ", " + endMs + " (expected: 0 <= startMs <= endMs)");
    }
  }

  /** One of a recogniser that does not tell the language. */
  public Hypothesis(String text, List<Token> tokens, long startMs, long endMs) {
    this(text, tokens, startMs, endMs, Optional.empty());
  }

  /** Nothing recognised so far in the utterance that opened at {@code atMs}. */
  public static Hypothesis empty(long atMs) {
    return new Hypothesis("", List.of(), atMs, atMs);
  }

  public boolean isEmpty() {
    return text.isEmpty();
  }
}
