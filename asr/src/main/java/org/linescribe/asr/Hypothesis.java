package org.linescribe.asr;

import java.util.List;

/**
 * One revision of the text of the open utterance.
 *
 * @param text words separated by single spaces, empty when nothing was recognised yet
 * @param tokens the units that make up the text, in order
 * @param startMs where the utterance's speech begins, on the leg's timeline
 * @param endMs where the audio that this revision is based on ends, on the leg's timeline
 */
public record Hypothesis(String text, List<Token> tokens, long startMs, long endMs) {
  public Hypothesis {
    tokens = List.copyOf(tokens);
    if (startMs < 0 || endMs < startMs) {
      throw new IllegalArgumentException(
          "startMs, endMs: " + startMs + ", " + endMs + " (expected: 0 <= startMs <= endMs)");
    }
  }

  /** Nothing recognised so far in the utterance that opened at {@code atMs}. */
  public static Hypothesis empty(long atMs) {
    return new Hypothesis("", List.of(), atMs, atMs);
  }

  public boolean isEmpty() {
    return text.isEmpty();
  }
}
