package org.linescribe.asr.utterance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;

/**
 * Five minutes without a pause, by a simulated clock: each word is told once, and no final is later
 * than 3 s behind its last word.
 */
class MonologueTest {
  /** Of decoding a second of audio, in ns: slower than our machine. */
  private static final double COST_NS = 0.05e9;

  private static final int DIFFERENT_WORDS = 60;
  private static final int WORDS = 5 * 60 * LevelReader.RATE / LevelReader.PERIOD;

  private final List<Hypothesis> finals = new ArrayList<>();
  private final List<Long> behindMs = new ArrayList<>();

  @Test
  void eachWordIsToldOnceAndNoFinalIsLate() {
    hear(new LevelReader(), said(WORDS));

    assertThat(words()).isEqualTo(SpokenText.words(text(WORDS)));
    assertThat(behindMs).allSatisfy(ms -> assertThat(ms).isLessThanOrEqualTo(3000));
    assertThat(finals).hasSizeGreaterThan(30);
    for (int i = 1; i < finals.size(); i++) {
      assertThat(finals.get(i).startMs()).isEqualTo(finals.get(i - 1).endMs());
    }
  }

  @Test
  void sentencesOfAMonologueAreToldWholeWhereTheyEnd() {
    hear(new LevelReader(9, 21, 33, 45, 57), said(WORDS / 5));

    assertThat(finals.stream().filter(told -> told.text().endsWith(".")))
        .hasSizeGreaterThan(finals.size() / 2);
    assertThat(behindMs).allSatisfy(ms -> assertThat(ms).isLessThanOrEqualTo(3000));
  }

  /** Its best places are then too far back, and its sentences too old. */
  @Test
  void noFinalIsLateWhereGapsAreRareAndFullStopsAreSeenLate() {
    LevelReader late =
        new LevelReader() {
          @Override
          public Hypothesis decode(float[] pcm, long startMs) {
            List<String> words =
                new ArrayList<>(SpokenText.words(super.decode(pcm, startMs).text()));
            for (int i = 0; i + 11 < words.size(); i++) {
              words.set(i, words.get(i).endsWith("0") ? words.get(i) + "." : words.get(i));
            }
            return new Hypothesis(
                String.join(" ", words), List.of(), startMs, startMs + pcm.length * 1000L / RATE);
          }
        };
    List<float[]> pieces = new ArrayList<>();
    for (int word = 0; word < WORDS / 5; word++) {
      float[] spoken = LevelReader.speech(new int[] {word % DIFFERENT_WORDS});
      int length = word % 9 == 0 ? spoken.length : LevelReader.WORD;
      pieces.add(Arrays.copyOf(spoken, length));
    }

    hear(late, joined(pieces));

    assertThat(finals).hasSizeGreaterThan(6);
    assertThat(behindMs).allSatisfy(ms -> assertThat(ms).isLessThanOrEqualTo(3000));
  }

  /** Twenty words are seven seconds: as much as is decoded at once. */
  @Test
  void whoMakesPausesIsNotSplitWithinThem() {
    int[] sentence = IntStream.range(0, 20).toArray();
    float[] spoken = LevelReader.speech(sentence);
    float[] pause = new float[LevelReader.RATE * 9 / 10];
    float[] breath = new float[LevelReader.RATE * 3 / 10];
    List<float[]> pieces = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      pieces.addAll(List.of(spoken, pause));
    }
    float[] half = LevelReader.speech(IntStream.range(0, 10).toArray());
    pieces.addAll(List.of(half, breath, half, pause));

    hear(new LevelReader(), joined(pieces));

    assertThat(finals).hasSize(6);
    assertThat(finals.subList(0, 5))
        .allSatisfy(told -> assertThat(told.text()).isEqualTo(text(sentence.length)));
  }

  private void hear(WholeDecoder reader, float[] pcm) {
    try (Simulation simulation =
            new Simulation(reader, new Tones.Loudness(), 2, s -> (long) (s * COST_NS));
        Simulation.Call call =
            simulation.new Call(LevelReader.RATE, new Listener(finals, behindMs, simulation))) {
      short[] heard = new short[pcm.length + 2 * LevelReader.RATE];
      for (int i = 0; i < pcm.length; i++) {
        heard[i] = (short) Math.round(pcm[i] * Short.MAX_VALUE);
      }
      simulation.play(call, heard, LevelReader.RATE);
      call.flush();
    }
  }

  private List<String> words() {
    return finals.stream().flatMap(told -> SpokenText.words(told.text()).stream()).toList();
  }

  private static float[] said(int words) {
    return LevelReader.speech(IntStream.range(0, words).map(i -> i % DIFFERENT_WORDS).toArray());
  }

  private static String text(int words) {
    return String.join(
        " ", IntStream.range(0, words).mapToObj(i -> "w" + i % DIFFERENT_WORDS).toList());
  }

  private static float[] joined(List<float[]> pieces) {
    float[] all = new float[pieces.stream().mapToInt(piece -> piece.length).sum()];
    int at = 0;
    for (float[] piece : pieces) {
      System.arraycopy(piece, 0, all, at, piece.length);
      at += piece.length;
    }
    return all;
  }

  private record Listener(List<Hypothesis> finals, List<Long> behindMs, Simulation simulation)
      implements RecogniserListener {
    @Override
    public void onHypothesis(Hypothesis hypothesis) {
      // Finals are measured.
    }

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
      finals.add(hypothesis);
      behindMs.add(simulation.nowMs() - hypothesis.endMs());
    }

    @Override
    public void onFailure(RecogniserException failure) {
      throw failure;
    }
  }
}
