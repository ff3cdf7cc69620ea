package org.linescribe.api.insights.rules;

import java.util.Arrays;

/** A text whose spoken numbers were written as digits, and where each character came from. */
final class NumberedText {
  private final SpokenText spoken;
  private final String text;
  private final int[] starts;
  private final int[] ends;

  private NumberedText(SpokenText spoken, String text, int[] starts, int[] ends) {
    this.spoken = spoken;
    this.text = text;
    this.starts = starts;
    this.ends = ends;
  }

  String text() {
    return text;
  }

  SpokenText spoken() {
    return spoken;
  }

  /** Offset in the spoken text where what stands at {@code offset} begins. */
  int spokenStart(int offset) {
    return starts[offset];
  }

  /** Offset in the spoken text where what stands before {@code end} ends. */
  int spokenEnd(int end) {
    return ends[end - 1];
  }

  static final class Builder {
    private final SpokenText spoken;
    private final StringBuilder text = new StringBuilder();
    private int[] starts;
    private int[] ends;

    Builder(SpokenText spoken) {
      this.spoken = spoken;
      this.starts = new int[spoken.text().length() + 16];
      this.ends = new int[starts.length];
    }

    void copy(int from, int to) {
      for (int i = from; i < to; i++) {
        add(spoken.text().charAt(i), i, i + 1);
      }
    }

    /**
     * Digits of a tight number are mapped to the whole word each; of a cardinal, to all its words.
     */
    void write(String written, int from, int to) {
      for (int i = 0; i < written.length(); i++) {
        add(written.charAt(i), from, to);
      }
    }

    private void add(char c, int start, int end) {
      int at = text.length();
      if (at == starts.length) {
        starts = Arrays.copyOf(starts, at * 2);
        ends = Arrays.copyOf(ends, at * 2);
      }
      text.append(c);
      starts[at] = start;
      ends[at] = end;
    }

    NumberedText build() {
      return new NumberedText(spoken, text.toString(), starts, ends);
    }
  }
}
