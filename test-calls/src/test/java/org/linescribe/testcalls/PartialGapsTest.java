package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.linescribe.testcalls.ReceivedEvent.Kind.FINAL;
import static org.linescribe.testcalls.ReceivedEvent.Kind.OTHER;
import static org.linescribe.testcalls.ReceivedEvent.Kind.PARTIAL;

import java.util.List;
import org.junit.jupiter.api.Test;

class PartialGapsTest {
  @Test
  void measuresBetweenThePartialsOfOneUtterance() {
    PartialGaps gaps =
        PartialGaps.of(
            List.of(
                event(PARTIAL, 1, "I", 400),
                event(PARTIAL, 1, "I would", 700),
                event(PARTIAL, 1, "I would like", 1500),
                event(FINAL, 1, "I would like it.", 3000),
                event(PARTIAL, 2, "Two", 5000),
                event(PARTIAL, 2, "Two of", 5350),
                event(FINAL, 2, "Two of them.", 7000)),
            1);

    assertThat(gaps.gapsMs()).containsExactly(300.0, 800.0, 350.0);
    assertThat(gaps.finalsWithoutPartial()).isZero();
  }

  @Test
  void aPartialThatRepeatsTheTextBeforeItChangedNothing() {
    PartialGaps gaps =
        PartialGaps.of(
            List.of(
                event(PARTIAL, 1, "I", 400),
                event(PARTIAL, 1, "I", 900),
                event(PARTIAL, 1, "I would", 1400)),
            1);

    assertThat(gaps.gapsMs()).containsExactly(1000.0);
  }

  @Test
  void leavesOutAnEarlierCallAndWhatIsNoTranscript() {
    PartialGaps gaps =
        PartialGaps.of(
            List.of(
                event(PARTIAL, 4, "Before", 0),
                event(PARTIAL, 4, "Before that", 100),
                event(FINAL, 4, "Before that.", 200),
                event(PARTIAL, 5, "One", 1000),
                event(OTHER, 0, "", 1100),
                event(PARTIAL, 5, "One two", 1300)),
            5);

    assertThat(gaps.gapsMs()).containsExactly(300.0);
  }

  @Test
  void countsFinalsThatNoPartialAnnounced() {
    PartialGaps gaps =
        PartialGaps.of(
            List.of(
                event(FINAL, 1, "Yes.", 900),
                event(FINAL, 1, "Yes.", 950),
                event(PARTIAL, 2, "No", 2000),
                event(FINAL, 2, "No.", 3000)),
            1);

    assertThat(gaps.gapsMs()).isEmpty();
    assertThat(gaps.finalsWithoutPartial()).isEqualTo(1);
  }

  private static ReceivedEvent event(
      ReceivedEvent.Kind kind, long seq, String text, long arrivedMs) {
    return new ReceivedEvent(kind, seq, text, -1, arrivedMs * 1_000_000);
  }
}
