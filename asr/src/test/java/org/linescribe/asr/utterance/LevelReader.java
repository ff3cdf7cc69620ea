package org.linescribe.asr.utterance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.linescribe.asr.Hypothesis;

/**
 * A decoder for words that are steps of level: reads a level that is held for most of a word as
 * that word, and else guesses.
 */
class LevelReader extends UntimedDecoder {
  static final int RATE = 16_000;
  static final int WORD = RATE * 3 / 10;
  private static final int GAP = RATE * 6 / 100;
  static final int PERIOD = WORD + GAP;

  /** Inside a few words, and longer than what is between words. */
  private static final int CLOSURE = RATE * 7 / 100;

  private final Set<Integer> sentenceEnds;

  /**
   * @param sentenceEnds words behind which it writes a full stop
   */
  LevelReader(int... sentenceEnds) {
    this.sentenceEnds = Arrays.stream(sentenceEnds).boxed().collect(Collectors.toSet());
  }

  static float[] speech(int[] words) {
    float[] pcm = new float[words.length * PERIOD];
    for (int i = 0; i < words.length; i++) {
      for (int k = 0; k < WORD; k++) {
        boolean closed = (i == 20 || i == 21) && Math.abs(k - WORD / 2) < CLOSURE / 2;
        pcm[i * PERIOD + k] = closed ? 0 : 0.1f + words[i] / 100f;
      }
    }
    return pcm;
  }

  @Override
  public Hypothesis decode(float[] pcm, long startMs) {
    List<String> words = new ArrayList<>();
    int level = -1;
    int held = 0;
    int silent = 0;
    for (int i = 0; i <= pcm.length; i++) {
      int now = i == pcm.length || pcm[i] == 0 ? -1 : Math.round((pcm[i] - 0.1f) * 100);
      silent = now < 0 ? silent + 1 : 0;
      boolean over = i == pcm.length || now >= 0 && now != level || silent > 2 * CLOSURE;
      if (over && held > GAP) {
        words.add(
            (held > (WORD - CLOSURE) * 4 / 5 ? "w" : "guess")
                + level
                + (sentenceEnds.contains(level) ? "." : ""));
        held = 0;
      }
      if (now >= 0) {
        held = now == level ? held + 1 : 1;
        level = now;
      }
    }
    return new Hypothesis(
        String.join(" ", words), List.of(), startMs, startMs + pcm.length * 1000L / RATE);
  }
}
