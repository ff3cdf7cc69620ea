package org.linescribe.session.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Hides card numbers, phone numbers and long sequences of digits. Thread: any; immutable. */
record Masks(TextSettings settings) {
  private static final String CARD = "[card]";
  private static final String PHONE = "[phone]";
  private static final String DIGITS = "[digits]";
  private static final int MIN_CARD_DIGITS = 13;
  private static final int MAX_CARD_DIGITS = 19;

  /**
   * A partial shows at most so many digits in sequence: the rest of what may become a card or a
   * phone number is not known yet.
   */
  private static final int MAX_OPEN_DIGITS = 4;

  boolean isNeeded() {
    return settings.maskCards() || settings.maskPhones() || settings.maskDigits() > 0;
  }

  /**
   * @param isFinal whether the text is complete
   */
  List<Edit> edits(String text, boolean isFinal) {
    List<Edit> edits = new ArrayList<>();
    for (List<NumberItem> run : NumberItem.runs(text)) {
      new Run(text, run).mask(edits, isFinal);
    }
    return edits;
  }

  private final class Run {
    private final String text;
    private final List<NumberItem> parts;
    private final List<String> digits;
    private final String all;

    Run(String text, List<NumberItem> parts) {
      this.text = text;
      this.parts = parts;
      this.digits = NumberItem.digits(parts);
      this.all = String.join("", digits);
    }

    void mask(List<Edit> edits, boolean isFinal) {
      int longest = settings.maskDigits() > 0 ? settings.maskDigits() : Integer.MAX_VALUE;
      if (!isFinal && (settings.maskCards() || settings.maskPhones())) {
        longest = Math.min(longest, MAX_OPEN_DIGITS + 1);
      }
      if (all.length() >= longest) {
        edits.add(edit(0, parts.size(), DIGITS));
        return;
      }
      int from = 0;
      while (from < parts.size()) {
        Optional<Edit> found = digits.get(from).isEmpty() ? Optional.empty() : at(from);
        if (found.isPresent()) {
          edits.add(found.get());
          int end = found.get().end();
          while (from < parts.size() && parts.get(from).end() <= end) {
            from++;
          }
        } else {
          from++;
        }
      }
    }

    /** The longest card, else the longest phone number, that begins with this part. */
    private Optional<Edit> at(int from) {
      int cardEnd = -1;
      int phoneEnd = -1;
      StringBuilder number = new StringBuilder();
      for (int end = from; end < parts.size() && number.length() <= MAX_CARD_DIGITS; end++) {
        number.append(digits.get(end));
        boolean complete = end + 1 == parts.size() || !digits.get(end + 1).isEmpty();
        if (!complete) {
          continue;
        }
        int length = number.length();
        if (settings.maskCards() && isCard(number)) {
          cardEnd = end + 1;
        }
        if (settings.maskPhones()
            && length >= PhoneNumbers.MIN_DIGITS
            && length <= PhoneNumbers.MAX_DIGITS
            && PhoneNumbers.isValid((isPlus(from) ? "+" : "") + number, settings.phoneRegion())) {
          phoneEnd = end + 1;
        }
      }
      if (cardEnd > 0) {
        return Optional.of(edit(from, cardEnd, CARD));
      }
      return phoneEnd > 0 ? Optional.of(edit(from, phoneEnd, PHONE)) : Optional.empty();
    }

    private boolean isPlus(int from) {
      String before = text.substring(0, parts.get(from).start()).stripTrailing();
      return before.endsWith("+")
          || before.length() >= 4 && before.substring(before.length() - 4).equalsIgnoreCase("plus");
    }

    private Edit edit(int from, int end, String mask) {
      int start = parts.get(from).start();
      boolean opened = start > 0 && "(+".indexOf(text.charAt(start - 1)) >= 0;
      return new Edit(opened ? start - 1 : start, parts.get(end - 1).end(), mask);
    }
  }

  /** Source: ISO/IEC 7812-1 annex B, the Luhn formula. */
  private static boolean isCard(CharSequence digits) {
    if (digits.length() < MIN_CARD_DIGITS || digits.length() > MAX_CARD_DIGITS) {
      return false;
    }
    int sum = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(digits.length() - 1 - i) - '0';
      int doubled = i % 2 == 0 ? digit : 2 * digit;
      sum += doubled > 9 ? doubled - 9 : doubled;
    }
    // All zeros check as well.
    return sum % 10 == 0 && sum > 0;
  }
}
