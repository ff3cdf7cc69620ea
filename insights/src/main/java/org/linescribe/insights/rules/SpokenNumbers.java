package org.linescribe.insights.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes spoken numbers in digits: "FOUR ONE SIX" becomes 416, "twenty first" 21st, "two hundred
 * and five" 205, "nineteen eighty four" 1984, "double seven" 77, "plus four four" +44. Everything
 * else stays as it is.
 *
 * <p>Consecutive digits of one utterance are joined; a pause between utterances stays a space,
 * because it may separate two numbers. English, and single digits of any language that the taxonomy
 * adds.
 */
final class SpokenNumbers {
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}\\p{N}']++");
  private static final Map<String, Integer> UNITS =
      Map.of(
          "one", 1, "two", 2, "three", 3, "four", 4, "five", 5, "six", 6, "seven", 7, "eight", 8,
          "nine", 9);
  private static final List<String> TEENS =
      List.of(
          "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
              .split(" "));
  private static final List<String> TENS =
      List.of("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety");
  private static final List<String> ORDINALS =
      List.of("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth");
  private static final Map<String, Long> MULTIPLIERS =
      Map.of("thousand", 1_000L, "million", 1_000_000L);

  private final Map<String, Integer> digits;

  /**
   * @param moreDigits words for single digits besides the English ones, lower case
   */
  SpokenNumbers(Map<String, Integer> moreDigits) {
    Map<String, Integer> all = new HashMap<>(moreDigits);
    all.putAll(UNITS);
    all.put("zero", 0);
    this.digits = Map.copyOf(all);
  }

  NumberedText write(SpokenText spoken) {
    String text = spoken.text();
    List<Word> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      words.add(new Word(matcher.group().toLowerCase(Locale.ROOT), matcher.start(), matcher.end()));
    }
    NumberedText.Builder out = new NumberedText.Builder(spoken);
    int copied = 0;
    int at = 0;
    while (at < words.size()) {
      int end = runEnd(spoken, words, at);
      List<Piece> pieces = pieces(words.subList(at, end));
      if (pieces.isEmpty()) {
        at++;
        continue;
      }
      int from = words.get(at).start();
      out.copy(copied, from);
      for (int i = 0; i < pieces.size(); i++) {
        Piece piece = pieces.get(i);
        if (i > 0 && !(piece.joined() && pieces.get(i - 1).joined())) {
          out.write(" ", piece.start(), piece.start());
        }
        out.write(piece.text(), piece.start(), piece.end());
      }
      Piece last = pieces.getLast();
      copied = last.end();
      while (at < words.size() && words.get(at).start() < copied) {
        at++;
      }
    }
    out.copy(copied, text.length());
    return out.build();
  }

  /** A run ends with its utterance and at anything but spaces and hyphens. */
  private static int runEnd(SpokenText spoken, List<Word> words, int from) {
    int at = from + 1;
    while (at < words.size()
        && spoken.sameLine(words.get(from).start(), words.get(at).start())
        && onlySpaces(spoken.text(), words.get(at - 1).end(), words.get(at).start())) {
      at++;
    }
    return at;
  }

  private static boolean onlySpaces(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) != ' ' && text.charAt(i) != '-') {
        return false;
      }
    }
    return true;
  }

  /** The numbers that the words begin with; empty when they do not begin with one. */
  private List<Piece> pieces(List<Word> words) {
    List<Piece> pieces = new ArrayList<>();
    int at = 0;
    while (at < words.size()) {
      Piece piece = piece(words, at, pieces.isEmpty() ? null : pieces.getLast());
      if (piece == null) {
        break;
      }
      Piece before = pieces.isEmpty() ? null : pieces.getLast();
      if (before != null && isYear(before, piece)) {
        pieces.removeLast();
        piece = new Piece(before.text() + piece.text(), before.start(), piece.end(), false, 0);
      }
      pieces.add(piece);
      while (at < words.size() && words.get(at).start() < piece.end()) {
        at++;
      }
    }
    return pieces;
  }

  /** "nineteen eighty four", "twenty twenty six": a century and two more digits. */
  private static boolean isYear(Piece century, Piece rest) {
    return century.value() >= 18
        && century.value() <= 21
        && rest.value() >= 10
        && rest.value() <= 99
        && !rest.text().endsWith("t");
  }

  private Piece piece(List<Word> words, int at, Piece before) {
    Word word = words.get(at);
    String next = at + 1 < words.size() ? words.get(at + 1).text() : "";
    if (word.text().equals("plus") && digits.containsKey(next)) {
      return new Piece("+", word.start(), word.end(), true, 0);
    }
    if ((word.text().equals("oh") || word.text().equals("o"))
        && (digits.containsKey(next) || (before != null && before.joined()))) {
      return new Piece("0", word.start(), word.end(), true, 0);
    }
    int times = word.text().equals("double") ? 2 : word.text().equals("triple") ? 3 : 1;
    if (times > 1) {
      Integer digit = next.equals("oh") ? Integer.valueOf(0) : digits.get(next);
      return digit == null
          ? null
          : new Piece(
              String.valueOf(digit).repeat(times), word.start(), words.get(at + 1).end(), true, 0);
    }
    return cardinal(words, at);
  }

  private Piece cardinal(List<Word> words, int at) {
    long total = 0;
    long current = 0;
    long multiplier = Long.MAX_VALUE;
    int start = words.get(at).start();
    int end = start;
    int used = 0;
    boolean bareDigit = true;
    for (int i = at; i < words.size(); i++) {
      String word = words.get(i).text();
      Integer unit = digits.get(word);
      int teen = TEENS.indexOf(word);
      int ten = TENS.indexOf(word);
      boolean bare = used == 0;
      if (unit != null && unit == 0 && bare) {
        return new Piece("0", start, words.get(i).end(), true, 0);
      } else if (unit != null && unit > 0 && (bare || takesUnit(current, total, used))) {
        current += unit;
      } else if (teen >= 0 && current % 100 == 0) {
        current += 10L + teen;
        bareDigit = false;
      } else if (ten >= 0 && current % 100 == 0) {
        current += 10L * (ten + 2);
        bareDigit = false;
      } else if (ORDINALS.contains(word) && used > 0 && current % 10 == 0 && current % 100 >= 20) {
        int ordinal = ORDINALS.indexOf(word) + 1;
        String suffix = ordinal == 1 ? "st" : ordinal == 2 ? "nd" : ordinal == 3 ? "rd" : "th";
        return new Piece(total + current + ordinal + suffix, start, words.get(i).end(), false, 0);
      } else if (word.equals("hundred") && current > 0 && current < 100) {
        current *= 100;
        bareDigit = false;
      } else if (MULTIPLIERS.containsKey(word)
          && current > 0
          && MULTIPLIERS.get(word) < multiplier) {
        multiplier = MULTIPLIERS.get(word);
        total += current * multiplier;
        current = 0;
        bareDigit = false;
      } else if (word.equals("and")
          && used > 0
          && (current >= 100 || (current == 0 && total > 0))
          && i + 1 < words.size()
          && isSmallNumber(words.get(i + 1).text())) {
        continue;
      } else {
        break;
      }
      used++;
      end = words.get(i).end();
    }
    if (used == 0) {
      return null;
    }
    long value = total + current;
    return new Piece(String.valueOf(value), start, end, bareDigit, bareDigit ? 0 : value);
  }

  /** A unit may follow a number whose last digit is zero: twenty one, a hundred one. */
  private static boolean takesUnit(long current, long total, int used) {
    return used > 0
        && ((current % 100 == 0 && (current > 0 || total > 0))
            || (current % 10 == 0 && current % 100 >= 20));
  }

  private boolean isSmallNumber(String word) {
    return digits.containsKey(word) || TEENS.contains(word) || TENS.contains(word);
  }

  private record Word(String text, int start, int end) {}

  /**
   * @param joined a single digit, joined to its neighbours
   * @param value the number, 0 where it is a string of digits
   */
  private record Piece(String text, int start, int end, boolean joined, long value) {}
}
