package org.linescribe.asr.offline;

import java.util.ArrayList;
import java.util.List;

/**
 * Joins two windows of one utterance that share some audio, so that a word in it is neither lost
 * nor told twice.
 *
 * @param cutMs the middle of what they share, on the leg's timeline
 * @param overlapMs how much they share
 * @param quiet nobody speaks in it: no word is in both
 */
record WindowJoint(long cutMs, long overlapMs, boolean quiet) {
  /** A different word this near is another reading of the same sound. */
  private static final long SAME_SOUND_MS = 80;

  /** Fewest milliseconds of a word: so many fit into what the windows share. */
  private static final long SHORTEST_WORD_MS = 100;

  /** What the earlier window may tell: what begins before the cut; all of it without times. */
  List<Word> before(List<Word> window) {
    return window.stream().filter(word -> !word.isTimed() || word.startMs() < cutMs).toList();
  }

  /** What the later window adds to what was told. */
  List<Word> after(List<Word> told, List<Word> window) {
    return window.stream().allMatch(Word::isTimed) && told.stream().allMatch(Word::isTimed)
        ? byTime(told, window)
        : bySound(told, window);
  }

  private List<Word> byTime(List<Word> told, List<Word> window) {
    List<Word> added = new ArrayList<>();
    for (Word word : window) {
      boolean shared = word.startMs() < cutMs + overlapMs;
      if (!shared || told.stream().noneMatch(earlier -> isSame(earlier, word))) {
        added.add(word);
      }
    }
    return added;
  }

  private boolean isSame(Word earlier, Word later) {
    long apart = Math.abs(earlier.startMs() - later.startMs());
    return apart <= (earlier.soundsLike(later) ? overlapMs : SAME_SOUND_MS);
  }

  private List<Word> bySound(List<Word> told, List<Word> window) {
    if (quiet) {
      return window;
    }
    int most = (int) Math.min(overlapMs / SHORTEST_WORD_MS, Math.min(told.size(), window.size()));
    for (int count = most; count > 0; count--) {
      boolean same = true;
      for (int i = 0; i < count && same; i++) {
        same = told.get(told.size() - count + i).soundsLike(window.get(i));
      }
      if (same) {
        return window.subList(count, window.size());
      }
    }
    return window;
  }
}
