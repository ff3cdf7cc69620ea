package org.linescribe.session.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A part of a spoken number: figures, or an English number word.
 *
 * @param start first character in the text
 * @param end one past the last
 * @param digits what it means; for "double" and "triple", of the word behind it as well
 * @param kind how it goes together with what is before and behind it
 */
record NumberItem(int start, int end, String digits, Kind kind) {
  /** What a part can be joined with. */
  enum Kind {
    FIGURES,
    /** zero to nine. */
    DIGIT,
    /** ten to nineteen. */
    TEEN,
    /** twenty to ninety: a digit may follow. */
    TENS,
    HUNDRED,
    THOUSAND
  }

  private static final Pattern PART = Pattern.compile("\\d+|[\\p{L}\\p{M}\\p{N}'’]+");

  /** What may stand between the parts of one number; a plus sign begins one. */
  private static final Pattern BETWEEN = Pattern.compile("[\\s.,()/–-]{0,4}");

  /** Parts of the longest: twenty one hundred and twenty one thousand, and as much behind it. */
  private static final int LONGEST_NUMBER = 11;

  /** Words of the longest: each of its parts may have an "and" before it. */
  static final int MOST_WORDS = 2 * LONGEST_NUMBER;

  private static final Map<String, NumberItem> WORDS = new HashMap<>();

  static {
    words(Kind.DIGIT, 0, 1, "zero one two three four five six seven eight nine");
    words(
        Kind.TEEN,
        10,
        1,
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen");
    words(Kind.TENS, 20, 10, "twenty thirty forty fifty sixty seventy eighty ninety");
    words(Kind.HUNDRED, 100, 0, "hundred");
    words(Kind.THOUSAND, 1000, 0, "thousand");
  }

  private static void words(Kind kind, int first, int step, String words) {
    int value = first;
    for (String word : words.split(" ")) {
      WORDS.put(word, new NumberItem(0, 0, String.valueOf(value), kind));
      value += step;
    }
  }

  /** The sequences of number parts in a text, each with nothing but separators in it. */
  static List<List<NumberItem>> runs(String text) {
    List<List<NumberItem>> runs = new ArrayList<>();
    List<NumberItem> run = new ArrayList<>();
    Matcher parts = PART.matcher(text);
    int repeat = 1;
    int repeatStart = -1;
    int end = 0;
    boolean and = false;
    while (parts.find()) {
      String word = parts.group().toLowerCase(Locale.ROOT);
      if (!and && word.equals("and") && isLarge(run) && isBlank(text, end, parts.start())) {
        and = true;
        end = parts.end();
        continue;
      }
      boolean joined =
          BETWEEN
              .matcher(text.substring(end, Math.min(text.length(), Math.max(end, parts.start()))))
              .matches();
      if (!joined) {
        close(runs, run);
        repeat = 1;
      }
      end = parts.end();
      if (word.equals("double") || word.equals("triple")) {
        repeat = word.equals("double") ? 2 : 3;
        repeatStart = parts.start();
        continue;
      }
      NumberItem known = known(word, !run.isEmpty());
      // "Two hundred and five" is one number, "two hundred and 5", or "and a half", is not.
      if (and && (known == null || belowHundred(List.of(known), 0) == 0)) {
        close(runs, run);
      }
      and = false;
      if (known == null) {
        close(runs, run);
        repeat = 1;
        continue;
      }
      boolean repeated = repeat > 1 && known.kind == Kind.DIGIT;
      run.add(
          new NumberItem(
              repeated ? repeatStart : parts.start(),
              parts.end(),
              repeated ? known.digits.repeat(repeat) : known.digits,
              repeated ? Kind.FIGURES : known.kind));
      repeat = 1;
    }
    close(runs, run);
    return runs;
  }

  private static boolean isLarge(List<NumberItem> run) {
    return is(run, run.size() - 1, Kind.HUNDRED) || is(run, run.size() - 1, Kind.THOUSAND);
  }

  private static boolean isBlank(String text, int from, int to) {
    return text.substring(from, to).isBlank();
  }

  /**
   * A number that was read.
   *
   * @param end index of the word behind it
   * @param digits at most 18
   */
  record Reading(int end, String digits) {
    long value() {
      return Long.parseLong(digits);
    }
  }

  /**
   * Reads the number that begins at a word, "two hundred and five" and "411" alike.
   *
   * @param words in lower case
   */
  static Optional<Reading> read(List<String> words, int from) {
    List<NumberItem> items = new ArrayList<>();
    List<Integer> ends = new ArrayList<>();
    for (int i = from; i < words.size() && items.size() < LONGEST_NUMBER; i++) {
      boolean joins =
          words.get(i).equals("and") && !items.isEmpty() && isLarge(items) && i + 1 < words.size();
      NumberItem item = known(words.get(joins ? i + 1 : i), false);
      if (item == null || joins && belowHundred(List.of(item), 0) == 0) {
        break;
      }
      i += joins ? 1 : 0;
      items.add(item);
      ends.add(i + 1);
    }
    if (items.isEmpty()) {
      return Optional.empty();
    }
    int length = numberEnd(items, 0);
    String digits = value(items.subList(0, length));
    return digits.isEmpty() || digits.length() > 18
        ? Optional.empty()
        : Optional.of(new Reading(ends.get(length - 1), digits));
  }

  private static @Nullable NumberItem known(String word, boolean within) {
    if (Character.isDigit(word.charAt(0))) {
      return word.chars().allMatch(c -> c >= '0' && c <= '9')
          ? new NumberItem(0, 0, word, Kind.FIGURES)
          : null;
    }
    // "oh" alone is no number.
    if (within && (word.equals("oh") || word.equals("o"))) {
      return new NumberItem(0, 0, "0", Kind.DIGIT);
    }
    return WORDS.get(word);
  }

  private static void close(List<List<NumberItem>> runs, List<NumberItem> run) {
    if (!run.isEmpty()) {
      runs.add(List.copyOf(run));
      run.clear();
    }
  }

  /**
   * The digits that the parts of a run mean, by the index of the part at which they begin: "twenty
   * one" is 21 at its first part and nothing at its second, "four hundred" 400.
   */
  static List<String> digits(List<NumberItem> run) {
    List<String> digits = new ArrayList<>();
    for (int i = 0; i < run.size(); ) {
      int end = numberEnd(run, i);
      digits.add(value(run.subList(i, end)));
      for (int j = i + 1; j < end; j++) {
        digits.add("");
      }
      i = end;
    }
    return digits;
  }

  /** One past the last part of the number that begins here. */
  private static int numberEnd(List<NumberItem> run, int from) {
    int end = belowHundred(run, from);
    if (end == from) {
      return from + 1;
    }
    if (is(run, end, Kind.HUNDRED)) {
      // "Eight hundred five five five" is 800, and digits that are said one by one.
      boolean dictated = is(run, end + 1, Kind.DIGIT) && is(run, end + 2, Kind.DIGIT);
      end = dictated ? end + 1 : belowHundred(run, end + 1);
    }
    if (is(run, end, Kind.THOUSAND)) {
      end++;
      int rest = belowHundred(run, end);
      end = rest > end && is(run, rest, Kind.HUNDRED) ? belowHundred(run, rest + 1) : rest;
    }
    return end;
  }

  /** One past "twenty one", "twenty", "twelve" or "five"; the same index where there is none. */
  private static int belowHundred(List<NumberItem> run, int from) {
    if (is(run, from, Kind.TENS)) {
      return is(run, from + 1, Kind.DIGIT) && !run.get(from + 1).digits.equals("0")
          ? from + 2
          : from + 1;
    }
    return is(run, from, Kind.TEEN) || is(run, from, Kind.DIGIT) ? from + 1 : from;
  }

  private static boolean is(List<NumberItem> run, int index, Kind kind) {
    return index >= 0 && index < run.size() && run.get(index).kind == kind;
  }

  private static String value(List<NumberItem> number) {
    if (number.size() == 1) {
      Kind kind = number.getFirst().kind;
      return kind == Kind.HUNDRED || kind == Kind.THOUSAND ? "" : number.getFirst().digits;
    }
    long thousands = 0;
    long rest = 0;
    for (NumberItem item : number) {
      if (item.kind == Kind.THOUSAND) {
        thousands = rest * 1000;
        rest = 0;
      } else if (item.kind == Kind.HUNDRED) {
        rest *= 100;
      } else {
        rest += Long.parseLong(item.digits);
      }
    }
    return String.valueOf(thousands + rest);
  }
}
