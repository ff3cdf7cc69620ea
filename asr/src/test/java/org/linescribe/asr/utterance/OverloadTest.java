package org.linescribe.asr.utterance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;

/**
 * One more caller each two seconds, who speaks half of the time and stays, until there are more
 * than the decoders have time for. By a simulated clock: how busy the machine is does not matter.
 */
class OverloadTest {
  private static final int THREADS = 2;

  /** Of decoding a second of audio, in ns: a machine that is slower than ours. */
  private static final double COST_NS = 0.08e9;

  private static final int CALLERS = 60;
  private static final int ARRIVAL_MS = 2000;
  private static final int SPOKEN_MS = 3000;
  private static final int SILENT_MS = 3000;
  private static final int FRAME_MS = 100;

  /**
   * What a final may take once the silence is long enough: its own decoding, where it was not
   * decoded in the pause, and those of three others on two threads.
   */
  private static final int FINAL_MS = 600;

  private final Simulation simulation =
      new Simulation(
          new Counting(), new Tones.Loudness(), THREADS, seconds -> (long) (seconds * COST_NS));

  private final List<Caller> callers = new ArrayList<>();

  @AfterEach
  void close() {
    callers.forEach(caller -> caller.call.close());
    simulation.close();
  }

  @Test
  void partialsBecomeRareAndThenNoneBeforeACallIsRefusedAndFinalsKeepTheirTime() {
    List<Stage> stages = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      boolean admitted = !simulation.recogniser.load().saturated();
      if (admitted) {
        callers.add(new Caller(i * 700 % (SPOKEN_MS + SILENT_MS)));
      }
      stages.add(hear(admitted));
    }
    int refused = firstRefused(stages);

    assertThat(stages.getFirst().meanGapMs()).as("idle: %s", stages).isLessThan(400);
    assertThat(gap(stages, 0, 5)).isLessThan(gap(stages, 5, 10));
    assertThat(gap(stages, 5, 10)).isLessThan(gap(stages, 10, 18));
    assertThat(gap(stages, 10, 18)).isLessThan(gap(stages, 18, 24));
    assertThat(stages.subList(refused - 4, stages.size()))
        .as("no partials from some calls before the first refusal on: %s", stages)
        .allSatisfy(stage -> assertThat(stage.partials()).isZero());
    assertThat(stages.subList(refused, stages.size()))
        .as("refused from then on: %s", stages)
        .noneMatch(Stage::admitted);
    assertThat(stages)
        .as("finals keep their time, of all who were admitted: %s", stages)
        .allSatisfy(stage -> assertThat(stage.latestFinalMs()).isLessThan(FINAL_MS))
        .filteredOn(stage -> stage.calls() > 3)
        .allSatisfy(stage -> assertThat(stage.finals()).isPositive());
    callers.forEach(
        caller ->
            assertThat(caller.finals)
                .as("none is lost or doubled")
                .isBetween(caller.ended(), caller.ended() + 1));
  }

  private static int firstRefused(List<Stage> stages) {
    int refused = 0;
    while (refused < stages.size() && stages.get(refused).admitted()) {
      refused++;
    }
    assertThat(refused).as("some are refused: %s", stages).isLessThan(stages.size());
    return refused;
  }

  /** The mean time between partials in some of the stages. */
  private static double gap(List<Stage> stages, int from, int to) {
    return stages.subList(from, to).stream()
        .filter(stage -> stage.partials() > 0)
        .mapToDouble(Stage::meanGapMs)
        .average()
        .orElse(Double.POSITIVE_INFINITY);
  }

  /** All callers speak and are silent until the next one comes. */
  private Stage hear(boolean admitted) {
    for (int t = 0; t < ARRIVAL_MS; t += FRAME_MS) {
      simulation.run(FRAME_MS);
      callers.forEach(Caller::speak);
    }
    List<Long> gaps = callers.stream().flatMap(caller -> caller.takeGaps().stream()).toList();
    List<Long> behind = callers.stream().flatMap(caller -> caller.takeBehind().stream()).toList();
    return new Stage(
        callers.size(),
        admitted,
        gaps.size(),
        gaps.stream().mapToLong(gap -> gap).average().orElse(Double.NaN),
        behind.size(),
        behind.stream().mapToLong(late -> late).max().orElse(0));
  }

  /**
   * @param partials behind another one of the same utterance
   */
  private record Stage(
      int calls,
      boolean admitted,
      int partials,
      double meanGapMs,
      int finals,
      long latestFinalMs) {}

  private final class Caller implements RecogniserListener {
    private final Simulation.Call call = simulation.new Call(Tones.RATE, this);
    private final short[] speech = Tones.speech(FRAME_MS);
    private final short[] silence = Tones.silence(FRAME_MS);
    private final long beganMs = simulation.nowMs();
    private final int offsetMs;
    private List<Long> gaps = new ArrayList<>();
    private List<Long> behind = new ArrayList<>();
    private int heardMs;
    private long partialAtMs = -1;
    private int finals;

    private Caller(int offsetMs) {
      this.offsetMs = offsetMs;
    }

    void speak() {
      boolean speaks = (heardMs + offsetMs) % (SPOKEN_MS + SILENT_MS) < SPOKEN_MS;
      call.hear(speaks ? speech : silence, 0, speech.length);
      heardMs += FRAME_MS;
    }

    /** Utterances whose end it has heard some time ago. */
    int ended() {
      int full = SPOKEN_MS + SILENT_MS;
      int settled = heardMs + offsetMs - SPOKEN_MS - 1500;
      return Math.max(0, Math.floorDiv(settled, full) + 1) - (offsetMs >= SPOKEN_MS ? 1 : 0);
    }

    List<Long> takeGaps() {
      List<Long> taken = gaps;
      gaps = new ArrayList<>();
      return taken;
    }

    List<Long> takeBehind() {
      List<Long> taken = behind;
      behind = new ArrayList<>();
      return taken;
    }

    @Override
    public void onHypothesis(Hypothesis hypothesis) {
      if (partialAtMs >= 0) {
        gaps.add(simulation.nowMs() - partialAtMs);
      }
      partialAtMs = simulation.nowMs();
    }

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
      partialAtMs = -1;
      finals++;
      behind.add(simulation.nowMs() - beganMs - hypothesis.endMs() - 800);
    }

    @Override
    public void onFailure(RecogniserException failure) {
      throw failure;
    }
  }

  /** Writes a word for each 300 ms. */
  private static final class Counting extends UntimedDecoder {
    @Override
    public Hypothesis decode(float[] pcm, long startMs) {
      int ms = pcm.length * 1000 / sampleRateHz();
      String text =
          IntStream.range(0, 1 + ms / 300).mapToObj(i -> "w" + i).collect(Collectors.joining(" "));
      return new Hypothesis(text, List.of(), startMs, startMs + ms);
    }
  }
}
