package org.linescribe.asr.sherpa;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.worker.ChildJvm;
import org.linescribe.media.wav.WavReader;

/**
 * Measures a model in a process of its own, on one decode thread, and tells on standard output. It
 * ends when its parent is gone.
 */
final class SpeedMain {
  static final String MEASURED = "speed: ";
  private static final int SAMPLE_RATE_HZ = 8000;
  private static final int LONGEST_S = 60;
  private static final int ORPHANED = 3;

  private SpeedMain() {}

  /** Arguments: model, data folder, recording, at most so many ms of decoding. */
  public static void main(String[] args) throws Exception {
    ChildJvm.endWithParent(() -> {}, ORPHANED);
    short[] pcm;
    try (WavReader reader = WavReader.open(Path.of(args[2]))) {
      pcm = reader.readAll(SAMPLE_RATE_HZ * LONGEST_S);
    }
    try (Recogniser recogniser =
        SherpaRecognisers.open(
            new ModelSource.Named(args[0], Path.of(args[1])),
            SherpaRecognisers.Use.defaults(),
            SchedulerSettings.defaults().withDecodeThreads(1),
            new SimpleMeterRegistry())) {
      System.out.println(
          ModelSpeed.measure(
                  recogniser, pcm, SAMPLE_RATE_HZ, Duration.ofMillis(Long.parseLong(args[3])))
              .line());
      System.out.flush();
    } catch (RecogniserException unusable) {
      System.err.println(unusable.getMessage());
      System.exit(1);
    }
  }
}
