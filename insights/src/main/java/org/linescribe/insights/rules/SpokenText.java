package org.linescribe.insights.rules;

import java.util.Arrays;
import org.linescribe.insights.Transcript;

/** A transcript as one text with the offsets of its utterances. */
final class SpokenText {
  private final Transcript transcript;
  private final String text;
  private final int[] lineStarts;

  SpokenText(Transcript transcript) {
    this.transcript = transcript;
    this.text = transcript.text();
    this.lineStarts = new int[transcript.lines().size()];
    int at = 0;
    for (int i = 0; i < lineStarts.length; i++) {
      lineStarts[i] = at;
      at += transcript.lines().get(i).text().length() + 1;
    }
  }

  String text() {
    return text;
  }

  Transcript transcript() {
    return transcript;
  }

  boolean sameLine(int offset, int otherOffset) {
    return lineAt(offset) == lineAt(otherOffset);
  }

  Transcript.Line line(int offset) {
    return transcript.lines().get(lineAt(offset));
  }

  /** Appends a range of the text with a line feed between utterances. */
  void copyLines(StringBuilder out, int from, int to) {
    int at = from;
    for (int start : lineStarts) {
      if (start > at && start <= to) {
        out.append(text, at, start - 1).append('\n');
        at = start;
      }
    }
    out.append(text, at, to);
  }

  private int lineAt(int offset) {
    int found = Arrays.binarySearch(lineStarts, offset);
    return found >= 0 ? found : -found - 2;
  }
}
