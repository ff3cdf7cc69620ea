package org.linescribe.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.resample.HalfBandDoubler;
import org.linescribe.media.wav.WavReader;
import org.linescribe.testcalls.CallReport;
import org.linescribe.testcalls.Caller;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.SipCaller;
import org.linescribe.testcalls.WebSocketCaller;
import org.linescribe.testcalls.WordErrors;

/** What the line and the pipeline cost in words: calls against the recogniser alone. */
final class TranscriptQualityTest {
  /** What all calls together may add to the recogniser's own errors. */
  private static final int MAY_ADD = 2;

  @TempDir Path data;

  @Test
  void callsBySipAndWebSocketInBothLawsAddAtMostTwoWordErrorsToTheRecognisersOwn()
      throws Exception {
    List<RecordedCall> calls = TestGateway.humanCalls();
    Map<G711Law, Integer> alone = new EnumMap<>(G711Law.class);
    for (G711Law law : G711Law.values()) {
      alone.put(law, errorsOfTheRecogniserAlone(calls, law));
    }
    int allowed = MAY_ADD;
    int made = 0;
    try (TestGateway gateway = new TestGateway(data)) {
      for (G711Law law : G711Law.values()) {
        try (SipCaller sip = new SipCaller(gateway.sipUri(), law);
            WebSocketCaller webSocket =
                new WebSocketCaller("ws://" + gateway.http(), law, true, Map.of())) {
          for (Caller caller : List.<Caller>of(sip, webSocket)) {
            List<CallReport> reports = gateway.place(caller, law, calls);
            assertThat(reports)
                .as("%s", reports)
                .allMatch(r -> r.outcome() == CallReport.Outcome.TRANSCRIBED);
            int errors = reports.stream().mapToInt(r -> r.wordErrors().errors()).sum();
            System.out.printf(
                "human recordings by %s, %s: %d word errors in %d words; the recogniser alone:"
                    + " %d%n",
                caller == sip ? "SIP" : "WebSocket",
                law,
                errors,
                reports.stream().mapToInt(r -> r.wordErrors().words()).sum(),
                alone.get(law));
            allowed += alone.get(law);
            made += errors;
          }
        }
      }
    }
    assertThat(made).isLessThanOrEqualTo(allowed);
  }

  /** The same audio through the same law, straight into the recogniser: no line, no session. */
  private static int errorsOfTheRecogniserAlone(List<RecordedCall> calls, G711Law law)
      throws Exception {
    int errors = 0;
    try (Recogniser recogniser =
        SherpaRecognisers.bundled(SchedulerSettings.defaults(), new SimpleMeterRegistry())) {
      for (RecordedCall call : calls) {
        List<String> words = new ArrayList<>();
        FinalsOnly heard = new FinalsOnly(words, new Semaphore(0));
        try (RecogniserStream stream = recogniser.open(StreamOptions.defaults(), heard)) {
          float[] pcm = doubled(throughLaw(call.file(), law));
          for (int at = 0; at < pcm.length; ) {
            int length = Math.min(320, pcm.length - at);
            if (stream.accept(pcm, at, length)) {
              at += length;
            } else {
              heard.writable().acquire();
            }
          }
          stream.flush().toCompletableFuture().join();
        }
        errors += WordErrors.between(call.words(), String.join(" ", words)).errors();
      }
    }
    return errors;
  }

  private static float[] throughLaw(Path file, G711Law law) throws Exception {
    short[] pcm;
    try (WavReader reader = WavReader.open(file)) {
      pcm = reader.readAll(8000 * 60);
    }
    byte[] coded = new byte[pcm.length];
    law.encode(pcm, 0, pcm.length, coded, 0);
    float[] heard = new float[pcm.length];
    law.decode(coded, 0, coded.length, heard, 0);
    return heard;
  }

  private static float[] doubled(float[] narrow) {
    float[] wide = new float[narrow.length * 2];
    new HalfBandDoubler().process(narrow, 0, narrow.length, wide, 0);
    return wide;
  }

  private record FinalsOnly(List<String> words, Semaphore writable) implements RecogniserListener {
    @Override
    public void onWritable() {
      writable.release();
    }

    @Override
    public void onHypothesis(Hypothesis hypothesis) {}

    @Override
    public void onEndpoint(Hypothesis hypothesis, long decodedToMs) {
      words.add(hypothesis.text());
    }

    @Override
    public void onFailure(RecogniserException failure) {
      throw failure;
    }
  }
}
