package org.linescribe.asr.sherpa;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.linescribe.asr.FedStream;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.StreamOptions;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.resample.Resampler;
import org.linescribe.testsupport.HumanRecording;
import org.linescribe.testsupport.WordDistance;

/** Recordings of people who say digits, 8 kHz, as a phone would deliver them. */
final class HumanCalls {
  /** A recording: file, what is said, and 8 kHz samples. */
  record Call(String file, String words, short[] pcm) {
    /** Coded and decoded by the law, at 8 kHz, with silence appended. */
    short[] phone(G711Law law, int silenceMs) {
      short[] heard = java.util.Arrays.copyOf(pcm, pcm.length + silenceMs * 8);
      byte[] coded = new byte[heard.length];
      law.encode(heard, 0, heard.length, coded, 0);
      law.decode(coded, 0, coded.length, heard, 0);
      return heard;
    }

    /** The same, doubled to 16 kHz. */
    float[] throughPhone(G711Law law, int silenceMs) {
      short[] heard = phone(law, silenceMs);
      float[] wide = new float[heard.length * 2];
      Resampler.telephony(8000, 16_000).process(heard, 0, heard.length, wide, 0);
      return wide;
    }
  }

  /** Of the recogniser's features, at 8 kHz. */
  private static final int FRAME_SAMPLES = 80;

  private static final int BEGINNINGS = 8;
  private static final Map<G711Law, Integer> MOST_ERRORS = new ConcurrentHashMap<>();

  private HumanCalls() {}

  /**
   * The word errors that all of them together may have where nothing but the recogniser makes any,
   * on this processor: of each the most, wherever in a frame of the recogniser (10 ms) it begins,
   * and one more for all. A word on the edge is heard or not by its place in a frame, by what else
   * is in the batch, and by the processor.
   */
  static int mostErrors(G711Law law) {
    return MOST_ERRORS.computeIfAbsent(law, HumanCalls::measureMostErrors);
  }

  private static int measureMostErrors(G711Law law) {
    int errors = 1;
    try (Recogniser recogniser =
        SherpaRecognisers.bundled(SchedulerSettings.defaults(), new SimpleMeterRegistry())) {
      for (Call call : all()) {
        short[] pcm = call.phone(law, 0);
        int most = 0;
        for (int begin = 0; begin < FRAME_SAMPLES; begin += FRAME_SAMPLES / BEGINNINGS) {
          short[] later = new short[begin + pcm.length];
          System.arraycopy(pcm, 0, later, begin, pcm.length);
          most = Math.max(most, WordDistance.between(call.words(), heard(recogniser, later)));
        }
        errors += most;
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    System.out.printf("%s: the recogniser alone makes %d errors at most%n", law, errors);
    return errors;
  }

  private static String heard(Recogniser recogniser, short[] pcm) throws Exception {
    Transcript transcript = new Transcript();
    try (FedStream stream =
        FedStream.open(recogniser, StreamOptions.defaults(), transcript, 8000, 0)) {
      stream.feed(pcm, 0, pcm.length);
      stream.flush().toCompletableFuture().get(5, TimeUnit.MINUTES);
    }
    return transcript.text();
  }

  static List<Call> all() {
    return HumanRecording.all().stream()
        .map(recording -> new Call(recording.name(), recording.words(), recording.pcm()))
        .toList();
  }
}
