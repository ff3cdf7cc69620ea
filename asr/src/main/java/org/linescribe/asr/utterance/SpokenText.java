package org.linescribe.asr.utterance;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What a model wrote, as text: without what nobody said, and joined where it was cut. Pure. */
final class SpokenText {
  /** Names of sounds that models write: [BLANK_AUDIO], (beep), *music*, ♪. */
  private static final Pattern NO_SPEECH =
      Pattern.compile("\\[[^\\]]*\\]|\\([^)]*\\)|\\*[^*]*\\*|<\\|[^|]*\\|>|[♪♫]+");

  /** In one word: I-A-X-A-R-A-X-A-R-A-X-A-R-A-X-A-R. */
  private static final Pattern LETTERS_REPEATED = Pattern.compile("(\\S{2,8})\\1{3}");

  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]");

  /** What models that were trained on subtitles make of a breath or a click. */
  private static final Set<String> OF_NOTHING =
      Set.of(
          "you", "thank you", "thanks for watching", "thank you for watching", "bye", "so", "oh");

  /** So much voice is one spoken word at least. */
  private static final long WORD_MS = 200;

  /** The fastest speakers reach 25. */
  private static final int MOST_LETTERS_PER_SECOND = 30;

  /** Words of a phrase that a lost decoder repeats. */
  private static final int LONGEST_REPEATED = 8;

  private static final int LONG_WORD = 10;

  /** Words behind a cut that tell whether it separates words. */
  private static final int BOUNDARY_WORDS = 3;

  /** Words that may be read of what is left of the word before a cut. */
  private static final int MOST_BEFORE = 2;

  /** Words by which two readings of the same end may differ in length. */
  private static final int MOST_OFF = 2;

  /** Words of a beginning that an earlier reading need not have heard. */
  private static final int MOST_NEW_WORDS = 7;

  private SpokenText() {}

  /**
   * @param voicedMs how long somebody spoke in it
   * @return the text, empty where it holds no word
   */
  static String of(String written, long voicedMs) {
    String text = NO_SPEECH.matcher(written).replaceAll(" ").strip().replaceAll("\\s+", " ");
    if (!WORD.matcher(text).find()) {
      return "";
    }
    return voicedMs < WORD_MS && OF_NOTHING.contains(plain(text)) ? "" : text;
  }

  /**
   * Whether a person can have said it in that time. A decoder that has lost its way repeats itself
   * until its length is used up.
   *
   * @param seconds of the audio that was decoded
   */
  static boolean isPlausible(String text, double seconds) {
    List<String> words = words(plain(text));
    int letters = plain(text).length();
    if (LETTERS_REPEATED.matcher(plain(text)).find()) {
      return false;
    }
    if (letters > MOST_LETTERS_PER_SECOND * Math.max(1, seconds)) {
      return false;
    }
    for (int length = 1; length <= LONGEST_REPEATED; length++) {
      for (int at = 0; at < words.size(); at++) {
        // "No no no no" is said, a telephone number is not.
        int wanted = length == 1 && words.get(at).length() < LONG_WORD ? 5 : 3;
        if (at + wanted * length > words.size()) {
          continue;
        }
        boolean same = true;
        for (int i = at; same && i + length < at + wanted * length; i++) {
          same = words.get(i).equals(words.get(i + length));
        }
        if (same) {
          return false;
        }
      }
    }
    return true;
  }

  static boolean endsSentence(String text) {
    return !text.isEmpty() && ".?!。？！".indexOf(text.charAt(text.length() - 1)) >= 0;
  }

  /** Two stretches of one utterance, one behind the other. */
  static String join(String head, String tail) {
    if (head.isEmpty() || tail.isEmpty()) {
      return head + tail;
    }
    // A model ends what it is given with a full stop; what goes on in lower case is the same
    // sentence.
    boolean goesOn = Character.isLowerCase(tail.codePointAt(0)) && head.endsWith(".");
    return (goesOn && !head.endsWith("..") ? head.substring(0, head.length() - 1) : head)
        + " "
        + tail;
  }

  /** Letters and digits in it. */
  static int letters(String text) {
    return (int) text.codePoints().filter(Character::isLetterOrDigit).count();
  }

  /**
   * Where the end of a reading begins.
   *
   * @param differences words of the end's first ones that the reading has otherwise
   * @param at its first word in the reading
   */
  record Boundary(int differences, int at) {}

  /** Looks for what was read of the end alone in the reading of the whole. */
  static Boundary endOf(List<String> whole, List<String> end) {
    // The last word may be a guess: the audio ends in it. A single word may be anything.
    int known = Math.min(BOUNDARY_WORDS, end.size() - 1);
    Boundary best = new Boundary(BOUNDARY_WORDS + 1, 0);
    for (int off = 0; known > 0 && off <= MOST_OFF; off++) {
      for (int sign = -1; sign <= 1; sign += 2) {
        int at = whole.size() - end.size() + sign * off;
        int differences = off > 1 ? 1 : 0;
        for (int i = 0; i < known; i++) {
          boolean isThere = at + i >= 0 && at + i < whole.size();
          differences += isThere && isSame(whole.get(at + i), end.get(i)) ? 0 : 1;
        }
        if (at >= 0 && at < whole.size() && differences < best.differences) {
          best = new Boundary(differences, at);
        }
      }
    }
    return best;
  }

  /**
   * Whether an earlier reading has the first words, too, as far as it had heard them. Its last two
   * may have been guesses.
   */
  static boolean isSameBegin(List<String> words, List<String> before, int first) {
    int known = Math.min(first, before.size() - 2);
    if (known <= 0 || known < first - MOST_NEW_WORDS) {
      return false;
    }
    for (int i = 0; i < known; i++) {
      if (!isSame(words.get(i), before.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSame(String one, String other) {
    return plain(one).equals(plain(other));
  }

  /**
   * How many words are read in front of the one that should be the first: one or two where that
   * follows, else none.
   */
  static int wordsBefore(String first, List<String> words) {
    int before = 0;
    while (before < words.size() && before <= MOST_BEFORE && !isSame(words.get(before), first)) {
      before++;
    }
    return first.isEmpty() || before > MOST_BEFORE || before == words.size() ? 0 : before;
  }

  /** The text, its first word written as that one where it is the same. */
  static String beginWith(String word, String text) {
    int end = text.indexOf(' ');
    String first = end < 0 ? text : text.substring(0, end);
    boolean same = !word.isEmpty() && plain(first).equals(plain(word));
    return same && Character.isLowerCase(word.codePointAt(0))
        ? Character.toString(Character.toLowerCase(text.codePointAt(0)))
            + text.substring(text.offsetByCodePoints(0, 1))
        : text;
  }

  static List<String> words(String text) {
    return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
  }

  private static String plain(String text) {
    String letters = text.replaceAll("[\\p{Punct}\\p{IsPunctuation}]", "");
    return (letters.isEmpty() ? text : letters).toLowerCase(Locale.ROOT).strip();
  }
}
