package org.linescribe.asr;

/**
 * One recognised unit of text, as the model's vocabulary cuts it.
 *
 * @param text the unit; a word begins where the text begins with a space
 * @param startMs where it was heard, in milliseconds on the leg's timeline
 * @param probability the recogniser's own probability in [0, 1], NaN where it gives none
 */
public record Token(String text, long startMs, double probability) {
  public Token {
    if (startMs < 0) {
      throw new IllegalArgumentException("startMs: " + startMs + " (expected: >= 0)");
    }
  }
}
