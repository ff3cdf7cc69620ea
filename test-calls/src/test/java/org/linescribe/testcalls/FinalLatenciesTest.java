package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FinalLatenciesTest {
  private static final long FIRST_FRAME_MS = 50_000;
  private static final int ENDPOINT_MS = FinalLatencies.ENDPOINT_MS;

  /** Half a second of speech in every second and a half of 15 s: ends at 0.5, 2.0, 3.5 … */
  private final List<SpeechSpan> speech = new ArrayList<>();

  private final SentAudio sent = new SentAudio(750);

  FinalLatenciesTest() {
    for (int turn = 0; turn < 10; turn++) {
      speech.add(new SpeechSpan(turn * 12_000, turn * 12_000 + 4000));
    }
    for (int frame = 0; frame < 750; frame++) {
      sent.frameSent((FIRST_FRAME_MS + 20 * frame) * 1_000_000);
    }
  }

  /** Leads of 1.7, 3.2, 4.7 s fit the ends of speech equally well. */
  @Test
  void theMeasuredAnswerTellsWhichLeadIsTrueWherePausesAreRegular() {
    FinalLatencies.Leads leads =
        FinalLatencies.Leads.measured(
            (FIRST_FRAME_MS - 4900) * 1_000_000, (FIRST_FRAME_MS - 4600) * 1_000_000, sent);
    List<ReceivedEvent> finals =
        List.of(endsAt(500 + 4700, 1400), endsAt(3500 + 4700, 4600), endsAt(6500 + 4700, 8000));

    assertThat(FinalLatencies.of(speech, sent, finals, leads, ENDPOINT_MS).atEnd())
        .containsExactly(920.0, 1120.0, 1520.0);
  }

  /** Its end is 20 s away from any speech; the first speech of the call is not its own. */
  @Test
  void aFinalWhoseEndIsWrongIsCreditedToTheLastSpeechBeforeItCame() {
    assertThat(
            FinalLatencies.of(
                    speech,
                    sent,
                    List.of(endsAt(30_000, 7900)),
                    FinalLatencies.Leads.NONE,
                    ENDPOINT_MS)
                .atEnd())
        .containsExactly(1420.0);
  }

  @Test
  void oneWrongEndDoesNotMoveTheOthers() {
    List<ReceivedEvent> finals =
        List.of(endsAt(2000, 2500), endsAt(60_000, 5500), endsAt(8000, 8600));

    assertThat(
            FinalLatencies.of(speech, sent, finals, new FinalLatencies.Leads(0, 900), ENDPOINT_MS)
                .atEnd())
        .containsExactly(520.0, 520.0, 620.0);
  }

  @Test
  void aFinalBeforeAnySpeechHasNoLatency() {
    assertThat(
            FinalLatencies.of(
                    speech, sent, List.of(endsAt(100, 100)), FinalLatencies.Leads.NONE, ENDPOINT_MS)
                .atEnd())
        .isEmpty();
  }

  /** A sentence of 2.5 s, with as much speech behind it; then a breath, and the rest. */
  @Test
  void aFinalWhoseSpeakerGoesOnCountsFromItsOwnWordsAndApart() {
    List<SpeechSpan> turn = List.of(new SpeechSpan(0, 40_000), new SpeechSpan(44_000, 60_000));
    List<ReceivedEvent> finals =
        List.of(endsAt(2500, 4300), endsAt(5000, 6200), endsAt(7500, 8400));

    FinalLatencies.Latencies latencies =
        FinalLatencies.of(turn, sent, finals, FinalLatencies.Leads.NONE, ENDPOINT_MS);

    assertThat(latencies.within()).containsExactly(1800.0, 1220.0);
    assertThat(latencies.atEnd()).containsExactly(920.0);
  }

  /** The same breath ends speech where the gateway waits for less of it. */
  @Test
  void whetherTheSpeakerGoesOnIsToldByTheSilenceOfTheGateway() {
    List<SpeechSpan> turn = List.of(new SpeechSpan(0, 40_000), new SpeechSpan(44_000, 60_000));
    List<ReceivedEvent> finals = List.of(endsAt(5000, 5700), endsAt(7500, 8100));

    assertThat(FinalLatencies.of(turn, sent, finals, FinalLatencies.Leads.NONE, 400).atEnd())
        .containsExactly(720.0, 620.0);
    assertThat(FinalLatencies.of(turn, sent, finals, FinalLatencies.Leads.NONE, 600).atEnd())
        .containsExactly(620.0);
  }

  private static ReceivedEvent endsAt(long endMs, long arrivedMs) {
    return new ReceivedEvent(
        ReceivedEvent.Kind.FINAL, 1, "X", endMs, (FIRST_FRAME_MS + arrivedMs) * 1_000_000);
  }
}
