package org.linescribe.asr.utterance;

import java.util.ArrayList;
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

  /** Words on either side of a cut that tell whether it separates words. */
  private static final int BOUNDARY_WORDS = 3;

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
   * Where two neighbours meet, as a reading of both has it.
   *
   * @param differences words to change in what is next to the boundary to find it in that reading
   * @param at the word of the reading behind the boundary; known where there is no difference
   */
  record Boundary(int differences, int at) {}

  /** Looks for the last words of the head and the first of the tail in the reading of both. */
  static Boundary boundary(List<String> whole, List<String> head, List<String> tail) {
    List<String> before = head.subList(Math.max(0, head.size() - BOUNDARY_WORDS), head.size());
    // The last word may be a guess: the audio ends in it.
    int known = tail.size() > 1 ? tail.size() - 1 : tail.size();
    List<String> behind = tail.subList(0, Math.min(BOUNDARY_WORDS, known));
    List<String> near = new ArrayList<>();
    before.forEach(word -> near.add(plain(word)));
    behind.forEach(word -> near.add(plain(word)));
    if (before.isEmpty() || behind.isEmpty()) {
      return new Boundary(near.size() + 1, 0);
    }
    // The edit distance to the part of the reading that is the most like it: that may begin and
    // end anywhere.
    int[] row = new int[whole.size() + 1];
    for (int i = 1; i <= near.size(); i++) {
      int[] above = row;
      row = new int[above.length];
      row[0] = i;
      for (int k = 1; k < row.length; k++) {
        boolean same = near.get(i - 1).equals(plain(whole.get(k - 1)));
        row[k] = Math.min(above[k - 1] + (same ? 0 : 1), Math.min(above[k], row[k - 1]) + 1);
      }
    }
    int best = 0;
    for (int k = 1; k < row.length; k++) {
      best = row[k] <= row[best] ? k : best;
    }
    return new Boundary(row[best], Math.max(0, best - behind.size()));
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
