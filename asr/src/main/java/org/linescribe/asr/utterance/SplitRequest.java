package org.linescribe.asr.utterance;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;

/**
 * A split that a stream asks for, while its speaker goes on: where, and what is known. Pure.
 *
 * @param reading what is said in the audio; null where that is to be decoded
 * @param before what the decoding before read of the same speech; empty where there is none
 * @param endedWords behind sentences of so many words only; zero: anywhere
 * @param earliestSeconds no place before it
 * @param isNeeded the speech is too long: the best place is taken if none is good
 */
record SplitRequest(
    @Nullable Hypothesis reading,
    List<String> before,
    int endedWords,
    double earliestSeconds,
    boolean isNeeded) {
  /**
   * How far behind what was heard last a split may lie. The search takes up to three quarters of a
   * second where decoding takes a twentieth of real time, and a final is to come 3 s behind its
   * last word at most.
   */
  private static final double FULL_SECONDS = 2.2;

  /** What decoding the whole takes of that. */
  private static final double WHOLE_SECONDS = 0.45;

  /** Where there is no need yet. */
  private static final double OPEN_SECONDS = 2;

  /** The end of a sentence: one place is tried as a rule. */
  private static final double SENTENCE_SECONDS = 2.4;

  /** What is shorter is split behind a sentence only. */
  private static final double LEAST_SECONDS = 6;

  /** Who made no pause for so long goes on without one, as far as can be known. */
  static final int UNBROKEN_MS = 8000;

  SplitRequest {
    before = List.copyOf(before);
  }

  /**
   * Of a stretch that is full.
   *
   * @param reading of it; null where there is none that is fresh, and the whole is decoded first
   * @param seconds that are decoded
   * @param behindSeconds what was heard since
   */
  static SplitRequest ofFull(@Nullable Hypothesis reading, double seconds, double behindSeconds) {
    double behind = reading == null ? WHOLE_SECONDS : behindSeconds;
    return new SplitRequest(reading, List.of(), 0, seconds - FULL_SECONDS + behind, true);
  }

  /**
   * Of speech that is open, when a partial of it is told.
   *
   * @param askedWords sentences of so many words were looked for an end of
   * @param seconds that were decoded
   * @param behindSeconds what was heard since
   * @param isUnbroken its speaker has made no pause for long
   * @return null where nothing is to be split off now
   */
  static @Nullable SplitRequest ofOpen(
      List<String> before,
      Hypothesis now,
      int askedWords,
      double seconds,
      double behindSeconds,
      boolean isUnbroken) {
    List<String> words = SpokenText.words(now.text());
    int ended = LongSpeech.endedWords(before, words);
    double sinceEnd = seconds - LongSpeech.secondsOf(words, ended, seconds) + behindSeconds;
    if (ended > askedWords && sinceEnd <= SENTENCE_SECONDS) {
      double earliest = seconds - SENTENCE_SECONDS + behindSeconds;
      return new SplitRequest(now, before, ended, earliest, false);
    }
    if (isUnbroken && seconds >= LEAST_SECONDS) {
      double earliest = seconds - OPEN_SECONDS + behindSeconds;
      return new SplitRequest(now, before, 0, earliest, false);
    }
    return null;
  }
}
