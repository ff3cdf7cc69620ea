package org.linescribe.insights.rules;

import java.util.Arrays;

/** A text whose spoken numbers are written in digits, with the origin of each character. */
record NumberedText(SpokenText spoken, String text, int[] starts, int[] ends) {
  /** Start in the spoken text of the words that the character at {@code offset} stands for. */
  int spokenStart(int offset) {
    return starts[offset];
  }

  /** End in the spoken text of the words that the character before {@code end} stands for. */
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

    /** Maps each digit to its word, and each digit of a cardinal to all words of the cardinal. */
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
