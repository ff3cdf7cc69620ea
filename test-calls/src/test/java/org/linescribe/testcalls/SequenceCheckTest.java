package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequenceCheckTest {
  @Test
  void isWholeWhenEachNumberCameOnceAndInOrder() {
    SequenceCheck check = SequenceCheck.of(events("p1 p1 f1 p2 f2 f3"), 1);

    assertThat(check).isEqualTo(new SequenceCheck(3, 1, 3, 0, 0, 0));
    assertThat(check.isWhole()).isTrue();
  }

  @Test
  void countsANumberThatNeverCame() {
    assertThat(SequenceCheck.of(events("f1 f4"), 1)).isEqualTo(new SequenceCheck(2, 1, 4, 2, 0, 0));
  }

  @Test
  void countsTheFirstNumberAsLostWhenTheTranscriptBeginsAfterIt() {
    assertThat(SequenceCheck.of(events("f2 f3"), 1).lost()).isEqualTo(1);
  }

  @Test
  void countsANumberThatCameTwice() {
    assertThat(SequenceCheck.of(events("f1 f2 f2 f1"), 1))
        .isEqualTo(new SequenceCheck(4, 1, 2, 0, 2, 0));
  }

  @Test
  void countsANumberThatCameLateAsOutOfOrderAndNotAsLost() {
    assertThat(SequenceCheck.of(events("f1 f3 f2"), 1))
        .isEqualTo(new SequenceCheck(3, 1, 3, 0, 0, 1));
  }

  @Test
  void countsAPartialThatComesAfterItsFinalOrBeforeItsTurn() {
    assertThat(SequenceCheck.of(events("p1 f1 p1"), 1).outOfOrder()).isEqualTo(1);
    assertThat(SequenceCheck.of(events("p2 f1"), 1).outOfOrder()).isEqualTo(1);
  }

  @Test
  void beginsAtTheNumberThatWasAskedFor() {
    assertThat(SequenceCheck.of(events("p5 f5 f6"), 5))
        .isEqualTo(new SequenceCheck(2, 5, 6, 0, 0, 0));
  }

  @Test
  void isWholeWhereNothingCame() {
    assertThat(SequenceCheck.of(List.of(), 1)).isEqualTo(new SequenceCheck(0, 0, 0, 0, 0, 0));
  }

  private static List<ReceivedEvent> events(String text) {
    List<ReceivedEvent> events = new ArrayList<>();
    for (String word : text.split(" ")) {
      ReceivedEvent.Kind kind =
          word.startsWith("p") ? ReceivedEvent.Kind.PARTIAL : ReceivedEvent.Kind.FINAL;
      events.add(
          new ReceivedEvent(kind, Long.parseLong(word.substring(1)), "X", -1, events.size()));
    }
    return events;
  }
}
