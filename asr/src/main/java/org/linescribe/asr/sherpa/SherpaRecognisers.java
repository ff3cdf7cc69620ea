package org.linescribe.asr.sherpa;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.catalogue.BundledModel;
import org.linescribe.asr.scheduler.BatchingRecogniser;
import org.linescribe.asr.scheduler.SchedulerSettings;

/** Opens recognisers on sherpa-onnx. Thread: any; loading a model takes up to seconds. */
public final class SherpaRecognisers {
  private static final String PROVIDER = "sherpa";

  private SherpaRecognisers() {}

  /**
   * The bundled model, ready to recognise.
   *
   * @throws RecogniserException when the library or the model cannot be loaded
   */
  public static Recogniser bundled(SchedulerSettings settings, MeterRegistry registry) {
    Path directory;
    try {
      directory = BundledModel.directory();
    } catch (IOException e) {
      throw new RecogniserException("the bundled model cannot be had: " + e.getMessage(), e);
    }
    OnlineModelFiles files =
        new OnlineModelFiles(
            OnlineModelFiles.Kind.TRANSDUCER,
            Map.of(
                "encoder", directory.resolve("encoder.int8.onnx"),
                "decoder", directory.resolve("decoder.onnx"),
                "joiner", directory.resolve("joiner.int8.onnx")),
            directory.resolve("tokens.txt"),
            Optional.of("lstm"),
            16_000,
            80,
            "greedy_search");
    return new BatchingRecogniser(
        SherpaEngine.load(files, 0),
        new RecogniserInfo(PROVIDER, BundledModel.NAME, "en", files.sampleRateHz()),
        settings,
        registry);
  }
}
