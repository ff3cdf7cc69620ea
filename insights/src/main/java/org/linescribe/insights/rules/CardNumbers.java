package org.linescribe.insights.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds payment card numbers in a text of digits: 13 to 19 digits with a valid Luhn checksum.
 * Source: ISO/IEC 7812-1 annex B.
 *
 * <p>A run of that length with an invalid checksum is reported too, as unproven: one misrecognised
 * digit breaks the checksum, and the other fifteen are still the caller's card.
 */
final class CardNumbers {
  static final int MIN_DIGITS = 13;
  static final int MAX_DIGITS = 19;
  private static final Pattern RUN = Pattern.compile("\\d(?:[ -]?\\d){12,199}+");
  private static final Pattern GROUP = Pattern.compile("\\d+");

  private CardNumbers() {}

  /**
   * @param start offset in the numbered text
   * @param proven whether the Luhn checksum is valid
   */
  record Card(int start, int end, String digits, boolean proven) {}

  static List<Card> find(String text) {
    List<Card> cards = new ArrayList<>();
    Matcher runs = RUN.matcher(text);
    while (runs.find()) {
      split(text, runs.start(), runs.end(), cards);
    }
    return cards;
  }

  private static void split(String text, int from, int to, List<Card> cards) {
    List<Card> groups = new ArrayList<>();
    Matcher matcher = GROUP.matcher(text).region(from, to);
    while (matcher.find()) {
      groups.add(new Card(matcher.start(), matcher.end(), matcher.group(), false));
    }
    int first = 0;
    int unprovenFrom = 0;
    while (first < groups.size()) {
      Card card = longestProven(groups, first);
      if (card == null) {
        first++;
        continue;
      }
      addUnproven(groups.subList(unprovenFrom, first), cards);
      cards.add(card);
      while (first < groups.size() && groups.get(first).start() < card.end()) {
        first++;
      }
      unprovenFrom = first;
    }
    addUnproven(groups.subList(unprovenFrom, groups.size()), cards);
  }

  private static Card longestProven(List<Card> groups, int first) {
    StringBuilder digits = new StringBuilder();
    Card best = null;
    for (int i = first; i < groups.size() && digits.length() <= MAX_DIGITS; i++) {
      digits.append(groups.get(i).digits());
      if (digits.length() >= MIN_DIGITS
          && digits.length() <= MAX_DIGITS
          && luhn(digits)
          && !sameDigit(digits)) {
        best = new Card(groups.get(first).start(), groups.get(i).end(), digits.toString(), true);
      }
    }
    return best;
  }

  private static void addUnproven(List<Card> groups, List<Card> cards) {
    StringBuilder digits = new StringBuilder();
    groups.forEach(group -> digits.append(group.digits()));
    if (digits.length() >= MIN_DIGITS) {
      cards.add(
          new Card(groups.getFirst().start(), groups.getLast().end(), digits.toString(), false));
    }
  }

  static boolean luhn(CharSequence digits) {
    int sum = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(digits.length() - 1 - i) - '0';
      if (i % 2 == 1) {
        digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
      }
      sum += digit;
    }
    return sum % 10 == 0;
  }

  private static boolean sameDigit(CharSequence digits) {
    return digits.chars().distinct().count() == 1;
  }

  /** "**** **** **** 1173": the last four digits, as on a receipt. */
  static String mask(String digits) {
    String last = digits.substring(digits.length() - 4);
    return "*".repeat(digits.length() - 4).replaceAll("(.{4})(?=.)", "$1 ") + " " + last;
  }
}
