package org.linescribe.asr.utterance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Hypothesis;

/** Splitting and reading again, with words that are steps of level. */
class LongSpeechTest {
  private static final int RATE = 16_000;
  private static final int WORD = RATE * 3 / 10;
  private static final int GAP = RATE / 20;

  /** Inside a few words, and longer than what is between words. */
  private static final int CLOSURE = RATE * 7 / 100;

  @Test
  void splitsBetweenWordsThoughItIsQuieterInsideThem() {
    int[] said = IntStream.range(0, 24).toArray();
    float[] pcm = speech(said);

    LongSpeech.Split split = LongSpeech.split(new LevelReader(false), pcm, 0);

    int period = WORD + GAP;
    int behindWord = split.at() % period;
    assertThat(behindWord == 0 || behindWord >= WORD - RATE / 100)
        .as("cut %d samples into a word", behindWord)
        .isTrue();
    int heads = Math.round((float) split.at() / period);
    assertThat(split.head().text()).isEqualTo(text(said, 0, heads));
    assertThat(split.nextWord()).isEqualTo("w" + heads);
  }

  @Test
  void writesTheHeadAsTheSentenceThatGoesOn() {
    LongSpeech.Split split =
        LongSpeech.split(new LevelReader(true), speech(IntStream.range(0, 24).toArray()), 0);
    assertThat(split.head().text()).doesNotEndWith(".");
  }

  @Test
  void readsInHalvesWhereADecoderRepeatsItself() {
    int[] said = IntStream.range(0, 20).toArray();
    LevelReader reader =
        new LevelReader(false) {
          @Override
          public Hypothesis decode(float[] pcm, long startMs) {
            return pcm.length > 4 * RATE
                ? new Hypothesis(
                    String.join(" ", Collections.nCopies(6, "it was easily")), List.of(), 0, 1)
                : super.decode(pcm, startMs);
          }
        };
    String text = new CarefulDecoder(reader).decode(speech(said), 0).text();
    assertThat(text).isEqualTo(text(said, 0, said.length));
  }

  @Test
  void believesWhoReallyRepeatsHimself() {
    int[] said = {1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3};
    String text = new CarefulDecoder(new LevelReader(false)).decode(speech(said), 0).text();
    assertThat(text).isEqualTo(text(said, 0, said.length));
  }

  private static String text(int[] said, int from, int to) {
    return String.join(" ", IntStream.range(from, to).mapToObj(i -> "w" + said[i]).toList());
  }

  private static float[] speech(int[] words) {
    float[] pcm = new float[words.length * (WORD + GAP)];
    for (int i = 0; i < words.length; i++) {
      int begin = i * (WORD + GAP);
      for (int k = 0; k < WORD; k++) {
        boolean closed = (i == 20 || i == 21) && Math.abs(k - WORD / 2) < CLOSURE / 2;
        pcm[begin + k] = closed ? 0 : 0.1f + words[i] / 100f;
      }
    }
    return pcm;
  }

  /** Reads a level that is held for most of a word as that word, and else guesses. */
  private static class LevelReader extends UntimedDecoder {
    private final boolean ends;

    /**
     * @param ends writes a full stop behind whatever it is given
     */
    LevelReader(boolean ends) {
      this.ends = ends;
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
          words.add((held > (WORD - CLOSURE) * 4 / 5 ? "w" : "guess") + level);
          held = 0;
        }
        if (now >= 0) {
          held = now == level ? held + 1 : 1;
          level = now;
        }
      }
      return new Hypothesis(
          String.join(" ", words) + (ends ? "." : ""),
          List.of(),
          startMs,
          startMs + pcm.length * 1000L / RATE);
    }
  }
}
