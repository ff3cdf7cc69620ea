package org.linescribe.testcalls;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Numbers in English words or in digits, as the digits that both mean: "four one one", "four
 * hundred eleven" and "411" are 411, "twenty eight point eight" is 28.8.
 */
final class SpokenNumber {
  /** Words of the longest number that is compared as one. */
  static final int MAX_WORDS = 24;

  private static final Map<String, Integer> VALUES = new HashMap<>();
  private static final Map<String, String> ORDINALS = new HashMap<>();

  static {
    List<String> small =
        List.of(
            ("zero one two three four five six seven eight nine ten eleven twelve thirteen"
                    + " fourteen fifteen sixteen seventeen eighteen nineteen")
                .split(" "));
    List<String> tens =
        List.of("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety");
    for (int i = 0; i < small.size(); i++) {
      VALUES.put(small.get(i), i);
    }
    for (int i = 0; i < tens.size(); i++) {
      VALUES.put(tens.get(i), 20 + 10 * i);
    }
    List<String> ordinals =
        List.of(
            ("first second third fourth fifth sixth seventh eighth ninth tenth eleventh"
                    + " twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth"
                    + " nineteenth twentieth")
                .split(" "));
    for (int i = 0; i < ordinals.size(); i++) {
      ORDINALS.put(ordinals.get(i), i + 1 + suffix(i + 1));
    }
  }

  private SpokenNumber() {}

  private static String suffix(int number) {
    return switch (number) {
      case 1 -> "st";
      case 2 -> "nd";
      case 3 -> "rd";
      default -> "th";
    };
  }

  /** Whether a number may begin or go on with this word. */
  static boolean isPart(SpokenWord word) {
    String letters = word.letters();
    return Character.isDigit(letters.charAt(0))
        || VALUES.containsKey(letters)
        || ORDINALS.containsKey(letters)
        || letters.equals("oh")
        || letters.equals("o")
        || letters.equals("hundred")
        || letters.equals("thousand")
        || letters.equals("point");
  }

  /**
   * The digits that these words mean, one number after another without a space.
   *
   * @return null where they are no numbers, or end within one
   */
  static @Nullable String digits(List<SpokenWord> words) {
    StringBuilder digits = new StringBuilder();
    Reading reading = new Reading();
    for (int i = 0; i < words.size(); i++) {
      String letters = words.get(i).letters();
      Integer value = VALUES.get(letters);
      if (value != null) {
        reading.add(value, digits);
      } else if (letters.equals("hundred") || letters.equals("thousand")) {
        if (!reading.multiply(letters.equals("hundred") ? 100 : 1000)) {
          return null;
        }
      } else {
        reading.end(digits);
        if (Character.isDigit(letters.charAt(0))) {
          digits.append(letters);
        } else if (ORDINALS.containsKey(letters)) {
          digits.append(ORDINALS.get(letters));
        } else if (letters.equals("point") && i > 0 && i + 1 < words.size()) {
          digits.append('.');
        } else if ((letters.equals("oh") || letters.equals("o")) && words.size() > 1) {
          digits.append('0');
        } else {
          return null;
        }
      }
    }
    reading.end(digits);
    return digits.toString();
  }

  /** A number in words that is being read: thousands done, and what may still be multiplied. */
  private static final class Reading {
    private boolean open;
    private long thousands;
    private long rest;

    void add(int value, StringBuilder digits) {
      long limit =
          rest % 100 == 0 ? (rest == 0 ? 1000 : 100) : rest % 10 == 0 && rest % 100 >= 20 ? 10 : 0;
      boolean fits = open && value > 0 && value < limit && (rest > 0 || thousands > 0);
      if (!fits) {
        end(digits);
        open = true;
      }
      rest += value;
    }

    boolean multiply(int by) {
      if (!open || rest == 0 || by == 100 && rest >= 100 || by == 1000 && thousands > 0) {
        return false;
      }
      if (by == 100) {
        rest *= 100;
      } else {
        thousands = rest * 1000;
        rest = 0;
      }
      return true;
    }

    void end(StringBuilder digits) {
      if (open) {
        digits.append(thousands + rest);
      }
      open = false;
      thousands = 0;
      rest = 0;
    }
  }
}
