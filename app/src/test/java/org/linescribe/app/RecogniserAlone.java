package org.linescribe.app;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.linescribe.asr.Hypothesis;
import org.linescribe.asr.LegAudio;
import org.linescribe.asr.LegReader;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserListener;
import org.linescribe.asr.RecogniserStream;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.wav.WavReader;
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.WordErrors;

/**
 * What calls are measured by: the same audio, straight into the recogniser. No line, no session.
 */
final class RecogniserAlone {
  /** Of the recogniser's features, at 8 kHz. */
  private static final int FRAME_SAMPLES = 80;

  private static final int BEGINNINGS = 8;

  private RecogniserAlone() {}

  /**
   * The word errors that calls with these recordings may have together where neither line nor
   * session adds any: of each recording the most, wherever in a frame of the recogniser (10 ms) it
   * begins, and one more for all. A word on the edge is heard or not by its place in a frame, by
   * what else is in the batch, and by the processor.
   */
  static int mostErrors(List<RecordedCall> calls, G711Law law) throws Exception {
    int errors = 1;
    try (Recogniser recogniser =
        SherpaRecognisers.bundled(SchedulerSettings.defaults(), new SimpleMeterRegistry())) {
      for (RecordedCall call : calls) {
        errors += mostErrors(recogniser, call, law);
      }
    }
    return errors;
  }

  private static int mostErrors(Recogniser recogniser, RecordedCall call, G711Law law)
      throws Exception {
    int most = 0;
    short[] pcm = throughLaw(call.file(), law);
    for (int begin = 0; begin < FRAME_SAMPLES; begin += FRAME_SAMPLES / BEGINNINGS) {
      short[] later = new short[begin + pcm.length];
      System.arraycopy(pcm, 0, later, begin, pcm.length);
      most = Math.max(most, WordErrors.between(call.words(), words(recogniser, later)).errors());
    }
    return most;
  }

  /** The finals of audio at 8 kHz, in one line. */
  static String words(Recogniser recogniser, short[] pcm) throws InterruptedException {
    List<String> words = new ArrayList<>();
    Semaphore space = new Semaphore(0);
    LegAudio leg = new LegAudio(G711Law.SAMPLE_RATE_HZ);
    LegReader reader = leg.reader(0, space::release);
    try (RecogniserStream stream =
        recogniser.open(reader, StreamOptions.defaults(), new FinalsOnly(words))) {
      for (int at = 0; at < pcm.length; ) {
        int count = reader.space(Math.min(160, pcm.length - at));
        leg.append(pcm, at, count, System.nanoTime());
        at += count;
        if (count == 0) {
          space.acquire();
        }
      }
      stream.flush().toCompletableFuture().join();
    }
    return String.join(" ", words);
  }

  static short[] throughLaw(Path file, G711Law law) throws IOException {
    short[] pcm;
    try (WavReader reader = WavReader.open(file)) {
      pcm = reader.readAll(8000 * 60);
    }
    byte[] coded = new byte[pcm.length];
    law.encode(pcm, 0, pcm.length, coded, 0);
    law.decode(coded, 0, coded.length, pcm, 0);
    return pcm;
  }

  private record FinalsOnly(List<String> words) implements RecogniserListener {
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
