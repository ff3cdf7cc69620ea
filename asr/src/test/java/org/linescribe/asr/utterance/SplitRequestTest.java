package org.linescribe.asr.utterance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.linescribe.asr.Hypothesis;

/** When something is split off, with readings whose letters tell the time. */
class SplitRequestTest {
  private static final String SENTENCE = "One two. Six ten can see";

  @Test
  void sentencesThatHaveEndedAreSplitOffWhileTheirWordsAreFresh() {
    SplitRequest request = open("One two. Six", SENTENCE, 3, 0.3, false);

    assertThat(request).isNotNull();
    assertThat(request.endedWords()).isEqualTo(2);
    assertThat(request.earliestSeconds()).isBetween(0.8, 1.0);
  }

  /** Their final would come later than 3 s behind them: they wait for what ends next. */
  @Test
  void sentencesWhoseEndIsLongPastAreNotSplitOffAnyMore() {
    assertThat(open("One two. Six", SENTENCE, 3, 0.8, false)).isNull();
    assertThat(open("One two. Six", SENTENCE, 6, 0.3, false)).isNull();
  }

  @Test
  void whoMakesNoPauseIsSplitAnywhereOnceThereIsEnough() {
    String said = "one two six ten can see";

    assertThat(open("one two six", said, 5.9, 0.3, true)).isNull();
    assertThat(open("one two six", said, 6, 0.3, false)).as("who makes pauses").isNull();
    SplitRequest request = open("one two six", said, 6, 0.3, true);
    assertThat(request).isNotNull();
    assertThat(request.endedWords()).isZero();
    assertThat(request.isNeeded()).isFalse();
    assertThat(request.before()).containsExactly("one", "two", "six");
    assertThat(request.earliestSeconds()).isBetween(4.2, 4.4);
  }

  @Test
  void aFullStretchHasItsPlaceWithinWhatWordsMayWaitDecodingIncluded() {
    Hypothesis reading = new Hypothesis("One two", List.of(), 0, 1);

    assertThat(SplitRequest.ofFull(reading, 8.5, 0.2).earliestSeconds()).isBetween(6.4, 6.6);
    assertThat(SplitRequest.ofFull(null, 8.5, 0).earliestSeconds()).isBetween(6.7, 6.8);
  }

  private static SplitRequest open(
      String before, String now, double seconds, double behindSeconds, boolean isUnbroken) {
    return SplitRequest.ofOpen(
        SpokenText.words(before),
        new Hypothesis(now, List.of(), 0, 1),
        0,
        seconds,
        behindSeconds,
        isUnbroken);
  }
}
