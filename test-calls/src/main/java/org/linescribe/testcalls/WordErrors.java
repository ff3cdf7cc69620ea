package org.linescribe.testcalls;

/**
 * Word errors of a transcript against its reference, by the alignment with the fewest errors.
 *
 * <p>What is only spelt differently is no error: case, punctuation and apostrophes; numbers in
 * words and in digits ("four one one", "four hundred eleven", "411"); compounds ("file name",
 * "filename", "re-enter"); contractions ("it's", "it is"). Between two numbers of equally many
 * digits each digit that differs is one error. Words are counted as the reference spells them.
 * Among alignments with equally few errors the one with the most substitutions counts, so that the
 * three counts are unambiguous.
 *
 * @param words words of the reference
 */
public record WordErrors(int words, int substitutions, int deletions, int insertions) {
  public static final WordErrors NONE = new WordErrors(0, 0, 0, 0);

  public WordErrors {
    if (words < 0
        || substitutions < 0
        || deletions < 0
        || insertions < 0
        || substitutions + deletions > words) {
      throw new IllegalArgumentException(
          "words=%d substitutions=%d deletions=%d insertions=%d"
              .formatted(words, substitutions, deletions, insertions));
    }
  }

  /**
   * @param reference the words spoken
   * @param hypothesis the recognised text
   */
  public static WordErrors between(String reference, String hypothesis) {
    return new WordAlignment(SpokenWord.of(reference), SpokenWord.of(hypothesis)).errors();
  }

  public WordErrors plus(WordErrors other) {
    return new WordErrors(
        words + other.words,
        substitutions + other.substitutions,
        deletions + other.deletions,
        insertions + other.insertions);
  }

  public int errors() {
    return substitutions + deletions + insertions;
  }

  /** Errors per reference word; may exceed 1. Without reference words, 0 or infinity. */
  public double rate() {
    return errors() == 0 ? 0 : (double) errors() / words;
  }
}
