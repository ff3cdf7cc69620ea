package org.linescribe.testcalls;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One word of a text, as it is compared: lower case, without punctuation.
 *
 * @param letters letters, digits and the decimal point of a number; never empty
 * @param said what a contraction stands for, without spaces ("itis", "ithas"), and its own letters;
 *     for any other word its letters alone
 */
record SpokenWord(String letters, List<String> said) {
  private static final Pattern WORD =
      Pattern.compile("\\d+(?:[.,]\\d+)*(?:st|nd|rd|th)?|[\\p{L}'][\\p{L}\\p{M}\\p{N}']*|[%&$€£]");

  private static final Map<String, String> SYMBOLS =
      Map.of("%", "percent", "&", "and", "$", "dollars", "€", "euros", "£", "pounds");

  private static final Map<String, String> ABBREVIATIONS =
      Map.of("ok", "okay", "mr", "mister", "mrs", "missus", "dr", "doctor");

  /** The ends of contractions, with what each may stand for. */
  private static final Map<String, List<String>> CONTRACTIONS =
      Map.of(
          "n't", List.of("not"),
          "'re", List.of("are"),
          "'ve", List.of("have"),
          "'ll", List.of("will"),
          "'d", List.of("would", "had"),
          "'m", List.of("am"),
          "'s", List.of("is", "has", "us"));

  private static final Map<String, String> IRREGULAR =
      Map.of("can't", "cannot", "won't", "willnot", "shan't", "shallnot");

  /** The words of a text, in order. */
  static List<SpokenWord> of(String text) {
    List<SpokenWord> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(text.toLowerCase(Locale.ROOT).replace('’', '\''));
    while (matcher.find()) {
      SpokenWord word = word(matcher.group());
      if (word != null) {
        words.add(word);
      }
    }
    return words;
  }

  private static @Nullable SpokenWord word(String raw) {
    String symbol = SYMBOLS.get(raw);
    if (symbol != null) {
      return new SpokenWord(symbol, List.of(symbol));
    }
    if (Character.isDigit(raw.charAt(0))) {
      // 1,000 is a thousand, 28,8 would be two numbers in English.
      String number = raw.replaceAll(",(?=\\d{3}(?!\\d))", "").replace(',', ' ');
      String joined = number.replace(" ", "");
      return new SpokenWord(joined, List.of(joined));
    }
    String letters = raw.replace("'", "");
    if (letters.isEmpty()) {
      return null;
    }
    String full = ABBREVIATIONS.getOrDefault(letters, letters);
    List<String> said = new ArrayList<>(List.of(full));
    String irregular = IRREGULAR.get(raw);
    if (irregular != null) {
      said.add(irregular);
    } else {
      CONTRACTIONS.forEach(
          (end, meanings) -> {
            if (raw.endsWith(end) && raw.length() > end.length()) {
              String stem = raw.substring(0, raw.length() - end.length()).replace("'", "");
              meanings.forEach(meaning -> said.add(stem + meaning));
            }
          });
    }
    return new SpokenWord(full, List.copyOf(said));
  }

  boolean sounds(SpokenWord other) {
    return said.stream().anyMatch(other.said::contains);
  }
}
