package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FinalLatenciesTest {
  private static final long FIRST_FRAME_MS = 50_000;

  /** Half a second of speech in every second of 10 s: ends at 0.5, 1.5, 2.5 … */
  private final List<SpeechSpan> speech = new ArrayList<>();

  private final SentAudio sent = new SentAudio(500);

  FinalLatenciesTest() {
    for (int second = 0; second < 10; second++) {
      speech.add(new SpeechSpan(second * 8000, second * 8000 + 4000));
    }
    for (int frame = 0; frame < 500; frame++) {
      sent.frameSent((FIRST_FRAME_MS + 20 * frame) * 1_000_000);
    }
  }

  /** Leads of 0.7, 1.7, 2.7 s fit the ends of speech equally well. */
  @Test
  void theMeasuredAnswerTellsWhichLeadIsTrueWherePausesAreRegular() {
    FinalLatencies.Leads leads =
        FinalLatencies.Leads.measured(
            (FIRST_FRAME_MS - 4900) * 1_000_000, (FIRST_FRAME_MS - 4600) * 1_000_000, sent);
    List<ReceivedEvent> finals =
        List.of(endsAt(500 + 4700, 1400), endsAt(3500 + 4700, 4600), endsAt(6500 + 4700, 8000));

    assertThat(FinalLatencies.of(speech, sent, finals, leads))
        .containsExactly(920.0, 1120.0, 1520.0);
  }

  /** Its end is 20 s away from any speech; the first speech of the call is not its own. */
  @Test
  void aFinalWhoseEndIsWrongIsCreditedToTheLastSpeechBeforeItCame() {
    assertThat(
            FinalLatencies.of(
                speech, sent, List.of(endsAt(30_000, 7900)), FinalLatencies.Leads.NONE))
        .containsExactly(420.0);
  }

  @Test
  void oneWrongEndDoesNotMoveTheOthers() {
    List<ReceivedEvent> finals =
        List.of(endsAt(2500, 3000), endsAt(60_000, 5000), endsAt(7500, 8100));

    assertThat(FinalLatencies.of(speech, sent, finals, new FinalLatencies.Leads(0, 900)))
        .containsExactly(520.0, 520.0, 620.0);
  }

  @Test
  void aFinalBeforeAnySpeechHasNoLatency() {
    assertThat(
            FinalLatencies.of(speech, sent, List.of(endsAt(100, 100)), FinalLatencies.Leads.NONE))
        .isEmpty();
  }

  private static ReceivedEvent endsAt(long endMs, long arrivedMs) {
    return new ReceivedEvent(
        ReceivedEvent.Kind.FINAL, 1, "X", endMs, (FIRST_FRAME_MS + arrivedMs) * 1_000_000);
  }
}
