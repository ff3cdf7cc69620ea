package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NumberCheckTest {
  @Test
  void isWholeWhenEachNumberCameOnceAndInOrder() {
    NumberCheck check = NumberCheck.of(events("p1 p1 f1 p2 f2 f3"), 1);

    assertThat(check).isEqualTo(new NumberCheck(3, 1, 3, 0, 0, 0));
    assertThat(check.isWhole()).isTrue();
  }

  @Test
  void countsANumberThatNeverCame() {
    assertThat(NumberCheck.of(events("f1 f4"), 1)).isEqualTo(new NumberCheck(2, 1, 4, 2, 0, 0));
  }

  @Test
  void countsTheFirstNumberAsLostWhenTheTranscriptBeginsAfterIt() {
    assertThat(NumberCheck.of(events("f2 f3"), 1).lost()).isEqualTo(1);
  }

  @Test
  void countsANumberThatCameTwice() {
    assertThat(NumberCheck.of(events("f1 f2 f2 f1"), 1))
        .isEqualTo(new NumberCheck(4, 1, 2, 0, 2, 0));
  }

  @Test
  void countsANumberThatCameLateAsOutOfOrderAndNotAsLost() {
    assertThat(NumberCheck.of(events("f1 f3 f2"), 1)).isEqualTo(new NumberCheck(3, 1, 3, 0, 0, 1));
  }

  @Test
  void countsAPartialThatComesAfterItsFinalOrBeforeItsTurn() {
    assertThat(NumberCheck.of(events("p1 f1 p1"), 1).outOfOrder()).isEqualTo(1);
    assertThat(NumberCheck.of(events("p2 f1"), 1).outOfOrder()).isEqualTo(1);
  }

  @Test
  void beginsAtTheNumberThatWasAskedFor() {
    assertThat(NumberCheck.of(events("p5 f5 f6"), 5)).isEqualTo(new NumberCheck(2, 5, 6, 0, 0, 0));
  }

  @Test
  void isWholeWhereNothingCame() {
    assertThat(NumberCheck.of(List.of(), 1)).isEqualTo(new NumberCheck(0, 0, 0, 0, 0, 0));
  }

  private static List<HeardEvent> events(String text) {
    List<HeardEvent> events = new ArrayList<>();
    for (String word : text.split(" ")) {
      HeardEvent.Kind kind = word.startsWith("p") ? HeardEvent.Kind.PARTIAL : HeardEvent.Kind.FINAL;
      events.add(new HeardEvent(kind, Long.parseLong(word.substring(1)), "X", -1, events.size()));
    }
    return events;
  }
}
