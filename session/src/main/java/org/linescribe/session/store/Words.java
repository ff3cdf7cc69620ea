package org.linescribe.session.store;

import java.text.Normalizer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words of a text as the index has them: letters and digits, in lower case, without accents.
 * Scripts that put no space between words give a word for each character, so that a text which has
 * all characters of what is sought is found.
 *
 * <p>Source: Unicode Standard Annex 15 (NFKD), Annex 29 §4.
 */
final class Words {
  /** Longer ones are cut, in the index and in what is sought alike. */
  static final int MAX_CHARACTERS = 64;

  /** Of one segment; what comes after is not found. */
  private static final int MAX_WORDS = 1000;

  private static final Pattern MARKS = Pattern.compile("\\p{M}+");
  private static final Pattern WORD =
      Pattern.compile(
          "[\\p{IsHan}\\p{IsHiragana}\\p{IsKatakana}\\p{IsThai}\\p{IsLao}\\p{IsKhmer}\\p{IsMyanmar}]"
              + "|[\\p{L}\\p{N}&&[^\\p{IsHan}\\p{IsHiragana}\\p{IsKatakana}\\p{IsThai}\\p{IsLao}"
              + "\\p{IsKhmer}\\p{IsMyanmar}]]+");

  private Words() {}

  /** Each once, in the order of the text. */
  static List<String> of(String text) {
    String plain =
        MARKS
            .matcher(Normalizer.normalize(text, Normalizer.Form.NFKD))
            .replaceAll("")
            .toLowerCase(Locale.ROOT);
    Set<String> words = new LinkedHashSet<>();
    Matcher matcher = WORD.matcher(plain);
    while (matcher.find() && words.size() < MAX_WORDS) {
      words.add(cut(matcher.group()));
    }
    return List.copyOf(words);
  }

  private static String cut(String word) {
    if (word.length() <= MAX_CHARACTERS) {
      return word;
    }
    boolean splitsPair = Character.isHighSurrogate(word.charAt(MAX_CHARACTERS - 1));
    return word.substring(0, splitsPair ? MAX_CHARACTERS - 1 : MAX_CHARACTERS);
  }
}
