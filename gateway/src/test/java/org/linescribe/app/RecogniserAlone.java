package org.linescribe.app;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
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
import org.linescribe.testcalls.RecordedCall;
import org.linescribe.testcalls.WordErrors;

/**
 * What calls are measured by: the same audio, straight into the recogniser. No line, no session.
 */
final class RecogniserAlone {
  private RecogniserAlone() {}

  /** The word errors of all these recordings together, each once through the law. */
  static int errors(List<RecordedCall> calls, G711Law law) throws Exception {
    int errors = 0;
    try (Recogniser recogniser =
        SherpaRecognisers.bundled(SchedulerSettings.defaults(), new SimpleMeterRegistry())) {
      for (RecordedCall call : calls) {
        String heard = words(recogniser, throughLaw(call.file(), law));
        errors += WordErrors.between(call.words(), heard).errors();
      }
    }
    return errors;
  }

  private static String words(Recogniser recogniser, float[] pcm8k) throws InterruptedException {
    List<String> words = new ArrayList<>();
    FinalsOnly heard = new FinalsOnly(words, new Semaphore(0));
    try (RecogniserStream stream = recogniser.open(StreamOptions.defaults(), heard)) {
      float[] pcm = doubled(pcm8k);
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
    return String.join(" ", words);
  }

  private static float[] throughLaw(Path file, G711Law law) throws IOException {
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
