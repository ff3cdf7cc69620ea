package org.linescribe.insights;

import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The text of a call, utterance by utterance.
 *
 * @param language BCP 47 tag of the spoken language
 * @param lines the utterances in order
 * @param spokenAt when the call took place, as far as is known; relative dates ("tomorrow") count
 *     from it
 */
public record Transcript(String language, List<Line> lines, Instant spokenAt) {
  /**
   * One utterance.
   *
   * @param text never blank
   * @param startMs its start in the recording
   * @param endMs its end in the recording
   */
  public record Line(String text, long startMs, long endMs) {
    public Line {
      if (text.isBlank()) {
        throw new IllegalArgumentException("text: blank (expected: words)");
      }
      if (startMs < 0 || endMs < startMs) {
        throw new IllegalArgumentException(
            "startMs, endMs: " + startMs + ", " + endMs + " (expected: 0 <= startMs <= endMs)");
      }
    }
  }

  public Transcript {
    lines = List.copyOf(lines);
  }

  /** The lines, joined by a space. */
  public String text() {
    return lines.stream().map(Line::text).collect(Collectors.joining(" "));
  }

  public boolean isEmpty() {
    return lines.isEmpty();
  }
}
