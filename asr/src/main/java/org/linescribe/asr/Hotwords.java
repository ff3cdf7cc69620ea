package org.linescribe.asr;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Words and names that a session expects: a beam search that meets them prefers them.
 *
 * @param phrases letters, digits, apostrophes and hyphens with single spaces between; no more,
 *     because the library takes {@code / : # @} and line ends for its own syntax and ends the
 *     process on what it cannot read there
 */
public record Hotwords(List<String> phrases) {
  public static final Hotwords NONE = new Hotwords(List.of());

  private static final int MAX_PHRASES = 100;
  private static final int MAX_CHARACTERS = 64;
  private static final Pattern PHRASE =
      Pattern.compile("[\\p{L}\\p{M}\\p{N}]+(?:[ '’-][\\p{L}\\p{M}\\p{N}]+)*");

  /**
   * @throws IllegalArgumentException when there are too many, or one is not such a phrase; the
   *     message holds none of them
   */
  public Hotwords {
    phrases = phrases.stream().map(String::strip).filter(phrase -> !phrase.isEmpty()).toList();
    boolean right =
        phrases.size() <= MAX_PHRASES
            && phrases.stream()
                .allMatch(
                    phrase ->
                        phrase.length() <= MAX_CHARACTERS && PHRASE.matcher(phrase).matches());
    if (!right) {
      throw new IllegalArgumentException(
          "hotwords: expected at most "
              + MAX_PHRASES
              + " phrases of words, comma between, each at most "
              + MAX_CHARACTERS
              + " characters");
    }
  }

  public boolean isEmpty() {
    return phrases.isEmpty();
  }
}
