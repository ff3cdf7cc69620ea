package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.linescribe.media.g711.G711Law;

class CallReportTest {
  private static final long ORIGIN_MS = 1_000_000;

  private final RecordedCall recording = new RecordedCall(Path.of("two.wav"), "ONE TWO");
  private final CallAudio audio = twoWords();
  private final ReceivedTranscript heard = new ReceivedTranscript(_ -> {}, 0);

  /** Speech from 1 s to 1.5 s and from 3 s to 3.5 s, of 5 s. */
  private static CallAudio twoWords() {
    short[] pcm = new short[8000 * 5];
    for (int i = 0; i < 4000; i++) {
      pcm[8000 + i] = (short) (6000 * Math.sin(i * 0.7));
      pcm[24000 + i] = pcm[8000 + i];
    }
    return CallAudio.of(pcm, G711Law.PCMU);
  }

  @Test
  void countsTheFirstTextFromTheFrameWithTheFirstSpeechAndEachFinalFromTheEndOfItsSpeech() {
    hear(1_250, TranscriptServer.partial(1, ""));
    hear(1_600, TranscriptServer.partial(1, "ONE"));
    hear(2_400, "{\"type\":\"final\",\"seq\":1,\"text\":\"ONE\"}");
    hear(4_500, "{\"type\":\"final\",\"seq\":2,\"text\":\"TWO\"}");

    CallReport report = report(sentInRealTime());

    assertThat(report.outcome()).isEqualTo(CallReport.Outcome.TRANSCRIBED);
    assertThat(report.firstPartialMs()).hasValue(600);
    // The last frame of 1.0 to 1.5 s leaves at 1.48 s.
    assertThat(report.finalMs()).containsExactly(920.0, 1020.0);
    assertThat(report.wordErrors()).isEqualTo(new WordErrors(2, 0, 0, 0));
    assertThat(report.longestSendGapMs()).isEqualTo(20);
  }

  @Test
  void knowsByItsEndWhichSpeechALateFinalCloses() {
    hear(4_000, "{\"type\":\"final\",\"seq\":1,\"text\":\"ONE\",\"end_ms\":1450}");
    hear(4_100, "{\"type\":\"final\",\"seq\":2,\"text\":\"TWO\",\"end_ms\":3520}");

    assertThat(report(sentInRealTime()).finalMs()).containsExactly(2520.0, 620.0);
  }

  @Test
  void knowsWhichSpeechAFinalClosesAlsoWhenTheSessionBeganLongBeforeTheRecording() {
    hear(2_400, "{\"type\":\"final\",\"seq\":1,\"text\":\"ONE\",\"end_ms\":3150}");
    hear(4_500, "{\"type\":\"final\",\"seq\":2,\"text\":\"TWO\",\"end_ms\":5160}");

    assertThat(report(sentInRealTime()).finalMs()).containsExactly(920.0, 1020.0);
  }

  @Test
  void isBrokenWhenThePeerHungUpEvenWithATranscript() {
    hear(2_400, "{\"type\":\"final\",\"seq\":1,\"text\":\"ONE\"}");
    SentAudio sent = new SentAudio(audio.frames());
    for (int frame = 0; frame < 125; frame++) {
      sent.frameSent((ORIGIN_MS + 20 * frame) * 1_000_000);
    }
    sent.endedByPeer();

    CallReport report = report(sent);

    assertThat(report.outcome()).isEqualTo(CallReport.Outcome.BROKEN);
    assertThat(report.failure()).isEqualTo("the peer hung up after 2.5 s of 5.0 s");
    assertThat(report.wordErrors()).isEqualTo(new WordErrors(2, 0, 1, 0));
  }

  @Test
  void leavesOutWhatWasReplayedOfAnEarlierCallEvenWhenTheReplayIsSlow() {
    hear(300, "{\"type\":\"final\",\"seq\":1,\"text\":\"NINE\"}");
    hear(2_400, "{\"type\":\"final\",\"seq\":2,\"text\":\"ONE\"}");
    hear(4_500, "{\"type\":\"final\",\"seq\":3,\"text\":\"TWO\"}");

    CallReport report = report(sentInRealTime());

    assertThat(report.text()).isEqualTo("ONE TWO");
    assertThat(report.finalMs()).hasSize(2);
    assertThat(report.numbers()).isEqualTo(new SequenceCheck(3, 1, 3, 0, 0, 0));
  }

  @Test
  void countsWhatIsNoEventAndGoesOn() {
    hear(1_000, "no JSON");
    hear(1_000, "{\"type\":\"final\",\"text\":\"without a number\"}");
    hear(2_400, "{\"type\":\"final\",\"seq\":1,\"text\":\"ONE TWO\"}");

    assertThat(heard.unreadable()).isEqualTo(2);
    assertThat(report(sentInRealTime()).text()).isEqualTo("ONE TWO");
  }

  @Test
  void givesPercentilesThatOccurred() {
    assertThat(Percentiles.of(new double[] {5, 1, 4, 2, 3, 6, 8, 7, 10, 9}))
        .isEqualTo(new Percentiles(10, 5, 9, 10, 10, 10));
    assertThat(Percentiles.of(new double[] {7})).isEqualTo(new Percentiles(1, 7, 7, 7, 7, 7));
    assertThat(Percentiles.of(new double[0]).p50()).isNaN();
  }

  private void hear(long atMs, String json) {
    heard.take(json, (ORIGIN_MS + atMs) * 1_000_000);
  }

  private SentAudio sentInRealTime() {
    SentAudio sent = new SentAudio(audio.frames());
    for (int frame = 0; frame < audio.frames(); frame++) {
      sent.frameSent((ORIGIN_MS + 20 * frame) * 1_000_000);
    }
    return sent;
  }

  private CallReport report(SentAudio sent) {
    return CallReport.of(
        recording,
        "s",
        audio,
        sent,
        heard,
        FinalLatencies.Leads.UNKNOWN,
        FinalLatencies.ENDPOINT_MS,
        null);
  }
}
