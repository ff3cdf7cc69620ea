package org.linescribe.bench.asr;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.asr.utterance.TurnModel;
import org.linescribe.asr.utterance.UtteranceSettings;
import org.linescribe.asr.utterance.VoiceActivity;
import org.linescribe.asr.utterance.WholeDecoder;
import org.linescribe.media.resample.Resampler;
import org.linescribe.testcalls.CallAudio;
import org.linescribe.testcalls.RecordedCall;

/**
 * What the model of turns says of each pause of recordings, and what follows for when utterances
 * end: {@code TurnPauses FOLDER}. No clock runs, so a busy machine changes nothing. Prints a line
 * for each pause (its recording, where it begins, its length in ms, whether the recording ends
 * there, what the model says when it is asked 200, 300, 400, 500 and 600 ms after the speech, and
 * the words before it), then a row for each policy.
 */
public final class TurnPauses {
  private static final int RATE_HZ = 16_000;
  private static final int SILENCE_S = 2;
  private static final int LEAD_MS = 500;
  private static final int TAIL_MS = 200;
  private static final int ENDPOINT_MS = 800;

  /** What a model of turns hears at most. */
  private static final int HEARD_MS = 8000;

  /** Between the question and its answer: features, network, threads. */
  private static final int ANSWER_MS = 100;

  private static final int[] ASKED_MS = {200, 300, 400, 500, 600};

  private TurnPauses() {}

  private record Pause(
      String name, long atMs, long lengthMs, boolean atEnd, double[] finished, String words) {
    double at(int askedMs) {
      return finished[Arrays.binarySearch(ASKED_MS, askedMs)];
    }
  }

  /** Ends at {@code endMs} of silence where a question at {@code askedMs} gets {@code least}. */
  private record Rule(int askedMs, double least, int endMs) {}

  public static void main(String[] args) throws Exception {
    List<Pause> pauses = new ArrayList<>();
    try (TurnModel turns = SherpaRecognisers.bareTurns();
        WholeDecoder decoder =
            SherpaRecognisers.bareDecoder(
                new ModelSource.Named(
                    BundledModel.SPEECH, Files.createTempDirectory("turn-pauses")));
        VoiceActivity.Factory detectors =
            SherpaRecognisers.bareVoiceActivity(UtteranceSettings.defaults())) {
      for (RecordedCall call : RecordedCall.find(List.of(Path.of(args[0])), null)) {
        try (VoiceActivity detector = detectors.open()) {
          pauses.addAll(pauses(call, detector, turns, decoder));
        }
      }
    }
    for (Pause pause : pauses) {
      System.out.printf(
          Locale.ROOT,
          "%s %d %d %s %s %s%n",
          pause.name(),
          pause.atMs(),
          pause.lengthMs(),
          pause.atEnd() ? "end" : "within",
          Arrays.stream(pause.finished()).mapToObj(p -> String.format("%.3f", p)).toList(),
          pause.words());
    }
    for (double least : new double[] {0.5, 0.7, 0.8, 0.9, 0.95}) {
      for (int end : new int[] {300, 350, 400}) {
        print(pauses, new Rule(200, least, end));
        print(pauses, new Rule(200, least, end), new Rule(400, least, 500));
        print(pauses, new Rule(200, least, end), new Rule(500, least, 600));
        print(pauses, new Rule(300, least, 400));
      }
    }
  }

  private static void print(List<Pause> pauses, Rule... rules) {
    int ends = 0;
    int earlier = 0;
    int more = 0;
    for (Pause pause : pauses) {
      int endMs = ENDPOINT_MS;
      for (Rule rule : rules) {
        if (pause.lengthMs() > rule.askedMs() && pause.at(rule.askedMs()) >= rule.least()) {
          endMs = Math.min(endMs, Math.max(rule.endMs(), rule.askedMs() + ANSWER_MS));
        }
      }
      boolean endsAnyway = pause.lengthMs() >= ENDPOINT_MS;
      ends += endsAnyway ? 1 : 0;
      earlier += endsAnyway && ENDPOINT_MS - endMs >= 400 ? 1 : 0;
      more += !endsAnyway && endMs < pause.lengthMs() ? 1 : 0;
    }
    System.out.printf(
        Locale.ROOT,
        "%s: %d of %d ends at least 400 ms earlier, %d more ends%n",
        Arrays.toString(rules),
        earlier,
        ends,
        more);
  }

  private static List<Pause> pauses(
      RecordedCall call, VoiceActivity detector, TurnModel turns, WholeDecoder decoder)
      throws Exception {
    float[] pcm = audio(call);
    List<Pause> pauses = new ArrayList<>();
    int window = VoiceActivity.WINDOW_SAMPLES;
    int speechEnd = -1;
    int from = 0;
    for (int to = window; to <= pcm.length; to += window) {
      boolean speech = detector.hear(pcm, to - window);
      boolean last = to + window > pcm.length;
      if (speech || last) {
        int silence = to - speechEnd;
        if (speechEnd >= 0 && silence >= samples(TAIL_MS) + window) {
          boolean atEnd = !speech;
          double[] finished = new double[ASKED_MS.length];
          for (int i = 0; i < finished.length; i++) {
            int heard = Math.min(speechEnd + samples(ASKED_MS[i]), pcm.length);
            int begin = Math.max(from, heard - samples(HEARD_MS));
            finished[i] = turns.finished(Arrays.copyOfRange(pcm, begin, heard));
          }
          int decodedTo = speechEnd + samples(TAIL_MS);
          int decodedFrom = Math.max(from, decodedTo - samples(decoder.maxMs()));
          String words = decoder.decode(Arrays.copyOfRange(pcm, decodedFrom, decodedTo), 0).text();
          long lengthMs = atEnd ? 99_999 : ms(silence - window);
          pauses.add(new Pause(call.name(), ms(speechEnd), lengthMs, atEnd, finished, words));
          from = atEnd || silence >= samples(ENDPOINT_MS) ? to - samples(LEAD_MS) : from;
        }
        if (speech) {
          speechEnd = to - samples(detector.hangoverMs());
        }
      }
    }
    return pauses;
  }

  private static float[] audio(RecordedCall call) throws Exception {
    short[] narrow = CallAudio.pcm8k(call.file());
    narrow = Arrays.copyOf(narrow, narrow.length + SILENCE_S * 8000);
    float[] pcm = new float[2 * narrow.length];
    Resampler.telephony(8000, RATE_HZ).process(narrow, 0, narrow.length, pcm, 0);
    return pcm;
  }

  private static int samples(int ms) {
    return ms * RATE_HZ / 1000;
  }

  private static long ms(int samples) {
    return samples * 1000L / RATE_HZ;
  }
}
