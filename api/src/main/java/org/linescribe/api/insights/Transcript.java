package org.linescribe.api.insights;

import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What was said, utterance by utterance.
 *
 * @param language BCP 47 tag of what is spoken
 * @param lines the utterances in order
 * @param spokenAt when it was said, as far as is known: "tomorrow" is the day after
 */
public record Transcript(String language, List<Line> lines, Instant spokenAt) {
  /**
   * One utterance.
   *
   * @param text never blank
   * @param startMs where it begins in the recording
   * @param endMs where it ends
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

  /** The lines, each after one space. */
  public String text() {
    return lines.stream().map(Line::text).collect(Collectors.joining(" "));
  }

  public boolean isEmpty() {
    return lines.isEmpty();
  }
}
