package org.linescribe.insights.rules;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.Currency;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.linescribe.insights.Entity;

/** Finds amounts of money: "$25.50", "25 dollars and 10 cents", "KES 1,000". */
final class MoneyFinder {
  private static final String AMOUNT =
      "(\\d{1,3}(?:,\\d{3}){1,4}(?:\\.\\d{1,2})?|\\d{1,12}(?:\\.\\d{1,2})?)";
  private static final Map<String, String> SYMBOLS =
      Map.of("$", "USD", "€", "EUR", "£", "GBP", "¥", "JPY", "₹", "INR");
  private static final Pattern CODE_FIRST =
      Pattern.compile("([$€£¥₹]|\\b[A-Z]{3}\\b) ?" + AMOUNT + "(?![\\d.,]*\\d)");
  private static final int CENTS = 2;

  private final Map<String, String> words;
  private final Pattern wordLast;

  /**
   * @param currencies words for currencies, lower case, and their ISO 4217 codes
   */
  MoneyFinder(Map<String, String> currencies) {
    this.words = Map.copyOf(currencies);
    String names =
        words.keySet().stream()
            .sorted(Comparator.comparingInt(String::length).reversed().thenComparing(w -> w))
            .map(Pattern::quote)
            .collect(Collectors.joining("|"));
    this.wordLast =
        Pattern.compile(
            "(?i)(?<![\\d.,])"
                + AMOUNT
                + " ?(million )?("
                + (names.isEmpty() ? "(?!)" : names)
                + ")\\b(?: and (\\d{1,2}) (?:cents?|pence|senti)\\b)?");
  }

  void find(String text, EntityFinder.Finds finds) {
    Matcher coded = CODE_FIRST.matcher(text);
    while (coded.find()) {
      String code = SYMBOLS.getOrDefault(coded.group(1), coded.group(1));
      if (isCurrency(code)) {
        finds.add(
            Entity.Type.MONEY,
            coded.start(),
            coded.end(),
            value(code, amount(coded.group(2)), BigDecimal.ZERO));
      }
    }
    Matcher worded = wordLast.matcher(text);
    while (worded.find()) {
      BigDecimal amount = amount(worded.group(1));
      if (worded.group(2) != null) {
        amount = amount.movePointRight(6);
      }
      BigDecimal cents =
          worded.group(4) == null
              ? BigDecimal.ZERO
              : new BigDecimal(worded.group(4)).movePointLeft(CENTS);
      String code = words.get(worded.group(3).toLowerCase(Locale.ROOT));
      finds.add(Entity.Type.MONEY, worded.start(), worded.end(), value(code, amount, cents));
    }
  }

  private static BigDecimal amount(String digits) {
    return new BigDecimal(digits.replace(",", ""));
  }

  private static String value(String code, BigDecimal amount, BigDecimal cents) {
    return code + " " + amount.add(cents).setScale(CENTS).toPlainString();
  }

  static boolean isCurrency(String code) {
    return Currency.getAvailableCurrencies().stream()
        .anyMatch(currency -> currency.getCurrencyCode().equals(code));
  }
}
