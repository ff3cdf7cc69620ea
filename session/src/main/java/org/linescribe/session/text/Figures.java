package org.linescribe.session.text;

import java.util.ArrayList;
import java.util.List;

/** Writes English number words in figures: "four one one" as 411, "twenty one" as 21. */
final class Figures {
  private Figures() {}

  /**
   * A single number below ten stays a word ("one moment"), unless the text is nothing else. Digits
   * that were said one by one are joined, other numbers stand apart.
   */
  static List<Edit> edits(String text) {
    List<Edit> edits = new ArrayList<>();
    for (List<NumberItem> run : NumberItem.runs(text)) {
      edit(text, run, edits);
    }
    return edits;
  }

  private static void edit(String text, List<NumberItem> run, List<Edit> edits) {
    List<String> digits = NumberItem.digits(run);
    int i = 0;
    while (i < run.size()) {
      int start = i;
      StringBuilder written = new StringBuilder();
      // Only spaces stand between the words of a number; "four, five" are two.
      while (i < run.size() && (i == start || isSpaced(text, run.get(i - 1), run.get(i)))) {
        if (!digits.get(i).isEmpty()) {
          boolean apart =
              !written.isEmpty()
                  && !(isSingle(run, digits, i) && isSingle(run, digits, before(digits, i)));
          written.append(apart ? " " : "").append(digits.get(i));
        }
        i++;
      }
      NumberItem first = run.get(start);
      NumberItem last = run.get(i - 1);
      boolean inWords = run.subList(start, i).stream().anyMatch(part -> isWord(text, part));
      boolean lone = i - start == 1 && first.kind() == NumberItem.Kind.DIGIT;
      boolean whole =
          text.substring(0, first.start()).isBlank()
              && text.substring(last.end()).chars().noneMatch(Character::isLetterOrDigit);
      if (inWords && !written.isEmpty() && (!lone || whole)) {
        edits.add(new Edit(first.start(), last.end(), written.toString()));
      }
    }
  }

  /** The part at which the number before this one begins. */
  private static int before(List<String> digits, int index) {
    int before = index - 1;
    while (digits.get(before).isEmpty() && before > 0) {
      before--;
    }
    return before;
  }

  /** A digit that was said alone, or figures. */
  private static boolean isSingle(List<NumberItem> run, List<String> digits, int index) {
    NumberItem.Kind kind = run.get(index).kind();
    boolean ends = index + 1 == run.size() || !digits.get(index + 1).isEmpty();
    return ends && (kind == NumberItem.Kind.DIGIT || kind == NumberItem.Kind.FIGURES);
  }

  private static boolean isWord(String text, NumberItem item) {
    return Character.isLetter(text.charAt(item.start()));
  }

  private static boolean isSpaced(String text, NumberItem one, NumberItem other) {
    String between = text.substring(one.end(), other.start());
    return between.isBlank() || between.equals("-") || between.strip().equalsIgnoreCase("and");
  }
}
