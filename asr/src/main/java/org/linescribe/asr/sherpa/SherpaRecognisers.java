package org.linescribe.asr.sherpa;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.catalogue.ModelCatalogue;
import org.linescribe.asr.catalogue.ModelDescription;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.catalogue.ModelStore;
import org.linescribe.asr.catalogue.ModelValidator;
import org.linescribe.asr.scheduler.BatchingRecogniser;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.scheduler.StreamingEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens recognisers on sherpa-onnx. Thread: any; loading a model takes up to seconds. */
public final class SherpaRecognisers {
  private static final Logger LOG = LoggerFactory.getLogger(SherpaRecognisers.class);
  private static final String PROVIDER = "sherpa";

  private SherpaRecognisers() {}

  /** The bundled model, ready to recognise. */
  public static Recogniser bundled(SchedulerSettings settings, MeterRegistry registry) {
    return open(new ModelSource.Bundled(), settings, registry);
  }

  /**
   * Resolves, validates, probes where needed, and loads a model.
   *
   * <p>A model that is not known by its hash is first loaded in a child JVM, once per content: that
   * it was sound is remembered in the data folder.
   *
   * @throws RecogniserException when the library or the model cannot be had or loaded; the message
   *     names the file and the fault
   */
  public static Recogniser open(
      ModelSource source, SchedulerSettings settings, MeterRegistry registry) {
    Loaded loaded = load(source);
    ModelDescription model = loaded.model();
    StreamingEngine.Chunking chunking = loaded.engine().chunking();
    LOG.info(
        "model {} loaded: {}, {} Hz, chunk {} ms, first result after {} ms",
        model.name(),
        model.type().key(),
        model.sampleRateHz(),
        chunking.shiftSamples() * 1000L / model.sampleRateHz(),
        chunking.firstSamples() * 1000L / model.sampleRateHz());
    return new BatchingRecogniser(
        loaded.engine(),
        new RecogniserInfo(PROVIDER, model.name(), model.language(), model.sampleRateHz()),
        settings,
        registry);
  }

  /** The model alone, without a scheduler: for measurements. The caller owns and closes it. */
  public static StreamingEngine bare(ModelSource source) {
    return load(source).engine();
  }

  private record Loaded(ModelDescription model, SherpaEngine engine) {}

  private static Loaded load(ModelSource source) {
    try {
      ModelStore.Resolved resolved = ModelStore.resolve(source, ModelCatalogue.bundled());
      ModelDescription model = resolved.model();
      ModelValidator.validate(model, resolved.directory());
      OnlineModelFiles files = OnlineModelFiles.of(model, resolved.directory());
      if (!model.bundled()) {
        ModelStore store = new ModelStore(dataDir(source).orElseThrow());
        vouch(model, resolved.directory(), files, store);
      }
      return new Loaded(model, SherpaEngine.load(files, 0));
    } catch (IOException e) {
      throw new RecogniserException(e.getMessage(), e);
    }
  }

  private static Optional<Path> dataDir(ModelSource source) {
    return switch (source) {
      case ModelSource.Bundled() -> Optional.empty();
      case ModelSource.Named(String _, Path dataDir) -> Optional.of(dataDir);
      case ModelSource.Directory(Path _, Path dataDir) -> Optional.of(dataDir);
    };
  }

  private static void vouch(
      ModelDescription model, Path directory, OnlineModelFiles files, ModelStore store)
      throws IOException {
    if (model.archive().isPresent()) {
      for (ModelStore.Verdict verdict : store.verify(model, directory)) {
        if (verdict.state() == ModelStore.Verdict.State.ALTERED) {
          throw new RecogniserException(
              directory.resolve(verdict.file())
                  + ": altered since it was installed; pull the model again");
        }
      }
      if (model.isHashed()) {
        return;
      }
    }
    String content = ModelStore.contentSha256(model, directory);
    if (!store.isProbed(content)) {
      LOG.info("model {} is new here: trying it in a child process", model.name());
      ModelProbe.probe(files, ModelProbe.TIMEOUT);
      store.recordProbed(content, model.name());
    }
  }
}
