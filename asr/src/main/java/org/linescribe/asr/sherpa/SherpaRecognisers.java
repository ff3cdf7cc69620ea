package org.linescribe.asr.sherpa;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.catalogue.ModelCatalogue;
import org.linescribe.asr.catalogue.ModelDescription;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.catalogue.ModelStore;
import org.linescribe.asr.catalogue.ModelValidator;
import org.linescribe.asr.catalogue.SpokenLanguages;
import org.linescribe.asr.scheduler.BatchingRecogniser;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.scheduler.StreamingEngine;
import org.linescribe.asr.utterance.TurnModel;
import org.linescribe.asr.utterance.TwoPassRecogniser;
import org.linescribe.asr.utterance.UtteranceRecogniser;
import org.linescribe.asr.utterance.UtteranceSettings;
import org.linescribe.asr.utterance.VoiceActivity;
import org.linescribe.asr.utterance.WholeDecoder;
import org.linescribe.asr.worker.WorkerDecoder;
import org.linescribe.asr.worker.WorkerEngine;
import org.linescribe.asr.worker.WorkerPool;
import org.linescribe.asr.worker.WorkerTurnModel;
import org.linescribe.asr.worker.WorkerVoiceActivity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens recognisers on sherpa-onnx. Thread: any; loading a model takes up to seconds. */
public final class SherpaRecognisers {
  private static final Logger LOG = LoggerFactory.getLogger(SherpaRecognisers.class);

  /** The provider name of the node's model. */
  public static final String PROVIDER = "sherpa";

  /** The provider name of a second model, which decodes whole utterances. */
  public static final String WHISPER = "whisper";

  private SherpaRecognisers() {}

  /** The bundled model of spoken digits, ready to recognise. */
  public static Recogniser bundled(SchedulerSettings settings, MeterRegistry registry) {
    return open(new ModelSource.Bundled(), Use.defaults(), settings, registry);
  }

  /**
   * What a model is opened for.
   *
   * @param provider the name that sessions ask for it by
   * @param language BCP 47 tag of what it is to recognise; empty for the model's own, or to let it
   *     find out
   * @param utterances how a whole-utterance model decodes
   * @param hotwords whether a streaming transducer searches so that sessions may name hotwords
   */
  public record Use(
      String provider, String language, UtteranceSettings utterances, boolean hotwords) {
    public static Use defaults() {
      return new Use(PROVIDER, "", UtteranceSettings.defaults(), false);
    }
  }

  /**
   * Resolves, validates, probes where needed, and loads a model, streaming or not.
   *
   * <p>A model that is not known by its hash is first loaded in a child JVM, once per content and
   * language: that it was sound is remembered in the data folder.
   *
   * @throws RecogniserException when the library or the model cannot be had or loaded, or does not
   *     know the language; the message names the file and the fault
   */
  public static Recogniser open(
      ModelSource source, Use use, SchedulerSettings settings, MeterRegistry registry) {
    return open(source, use, settings, () -> registry);
  }

  /**
   * As above.
   *
   * @param registry asked for once the model is loaded, or before its worker processes are started
   */
  public static Recogniser open(
      ModelSource source, Use use, SchedulerSettings settings, Supplier<MeterRegistry> registry) {
    Checked checked = check(source, use.language(), use.hotwords());
    ModelDescription model = checked.model();
    RecogniserInfo info = checked.info(use.provider());
    if (!model.type().isStreaming()) {
      boolean asksTurns = use.utterances().endOfTurn();
      if (asksTurns && model.sampleRateHz() != TurnModel.SAMPLE_RATE_HZ) {
        throw new RecogniserException(
            model.name()
                + " hears "
                + model.sampleRateHz()
                + " Hz (expected: 16000 Hz with linescribe.utterance.end-of-turn)");
      }
      return whole(checked, use, info, settings, registry);
    }
    StreamingEngine engine = streamingEngine(checked, settings, registry);
    StreamingEngine.Chunking chunking = engine.chunking();
    LOG.info(
        "model {} loaded: {}, {} Hz, chunk {} ms, first result after {} ms",
        model.name(),
        model.type().key(),
        model.sampleRateHz(),
        chunking.shiftSamples() * 1000L / model.sampleRateHz(),
        chunking.firstSamples() * 1000L / model.sampleRateHz());
    return new BatchingRecogniser(engine, info, settings, registry.get());
  }

  private static Recogniser whole(
      Checked checked,
      Use use,
      RecogniserInfo info,
      SchedulerSettings settings,
      Supplier<MeterRegistry> registry) {
    boolean asksTurns = use.utterances().endOfTurn();
    double threshold = use.utterances().speechThreshold() / 100.0;
    WholeDecoder decoder;
    VoiceActivity.Factory detectors;
    @Nullable TurnModel turns;
    if (settings.workerCount() > 0) {
      WorkerPool pool =
          WorkerMain.pool(
              checked.model().name(),
              checked.files(),
              threshold,
              asksTurns,
              settings.workerCount(),
              registry.get());
      decoder = new WorkerDecoder(pool);
      detectors = WorkerVoiceActivity.factory(pool);
      turns = asksTurns ? new WorkerTurnModel(pool) : null;
    } else {
      decoder = new OfflineSherpaRecogniser(checked.files());
      detectors = new SileroVoiceActivity.Pool(threshold);
      turns = asksTurns ? new SmartTurn() : null;
    }
    LOG.info(
        "model {} loaded: {}, {} Hz, whole utterances, language {}",
        checked.model().name(),
        checked.model().type().key(),
        checked.model().sampleRateHz(),
        checked.language());
    return new UtteranceRecogniser(decoder, detectors, turns, info, settings, use.utterances());
  }

  private static StreamingEngine streamingEngine(
      Checked checked, SchedulerSettings settings, Supplier<MeterRegistry> registry) {
    return settings.workerCount() > 0
        ? new WorkerEngine(
            WorkerMain.pool(
                checked.model().name(), checked.files(), settings.workerCount(), registry.get()))
        : SherpaEngine.load(checked.files());
  }

  /** A whole-utterance model alone, in worker processes where the settings say so. */
  static WholeDecoder wholeDecoder(
      ModelSource source, SchedulerSettings settings, MeterRegistry registry) {
    return wholeDecoder(check(source, "", false), settings, () -> registry);
  }

  private static WholeDecoder wholeDecoder(
      Checked checked, SchedulerSettings settings, Supplier<MeterRegistry> registry) {
    return settings.workerCount() > 0
        ? new WorkerDecoder(
            WorkerMain.pool(
                checked.model().name(), checked.files(), settings.workerCount(), registry.get()))
        : new OfflineSherpaRecogniser(checked.files());
  }

  /**
   * What a model is, without loading it.
   *
   * @throws RecogniserException when the model is not there or not whole
   */
  public static RecogniserInfo describe(ModelSource source) {
    try {
      ModelStore.Resolved resolved = ModelStore.resolve(source, ModelCatalogue.bundled());
      ModelValidator.validate(resolved.model(), resolved.directory());
      SpokenLanguages languages = SpokenLanguages.of(resolved.model(), resolved.directory());
      return new RecogniserInfo(
          PROVIDER,
          resolved.model().name(),
          languages.tag(),
          languages.names(),
          ModelFiles.tellable(resolved.model().type(), languages),
          resolved.model().sampleRateHz());
    } catch (IOException e) {
      throw new RecogniserException(e.getMessage(), e);
    }
  }

  /** Whether a model takes hotwords where it is opened for them. */
  public static boolean takesHotwords(ModelSource source) {
    try {
      return ModelStore.resolve(source, ModelCatalogue.bundled()).model().type().allowsBeamSearch();
    } catch (IOException e) {
      throw new RecogniserException(e.getMessage(), e);
    }
  }

  /**
   * A streaming model for partials and ends of speech, and a whole-utterance model for the text of
   * finals. Takes no hotwords: the model that writes the finals knows none.
   *
   * @throws RecogniserException also where either is of the other kind
   */
  public static Recogniser openTwo(
      ModelSource source,
      ModelSource finals,
      Use use,
      SchedulerSettings settings,
      MeterRegistry registry) {
    return openTwo(source, finals, use, settings, () -> registry);
  }

  /** As above, with a registry that is asked for once the first model is loaded. */
  public static Recogniser openTwo(
      ModelSource source,
      ModelSource finals,
      Use use,
      SchedulerSettings settings,
      Supplier<MeterRegistry> registry) {
    Checked first = check(source, use.language(), false);
    Checked second = check(finals, use.language(), false);
    if (!first.model().type().isStreaming()) {
      throw new RecogniserException(
          first.model().name() + " decodes whole utterances (expected: a streaming model)");
    }
    if (second.model().type().isStreaming()) {
      throw new RecogniserException(
          second.model().name() + " is a streaming model (expected: one of whole utterances)");
    }
    // A search for hotwords would cost a core and change partials only.
    Use greedy = new Use(use.provider(), use.language(), use.utterances(), false);
    return new TwoPassRecogniser(
        open(source, greedy, settings, registry),
        wholeDecoder(second, settings, registry),
        second.info(PROVIDER),
        settings);
  }

  /** A streaming model as a scheduler gets it: for measurements. Whoever gets it closes it. */
  public static StreamingEngine engine(ModelSource source) {
    return SherpaEngine.load(check(source, "", false).files());
  }

  /**
   * A streaming model alone, which reads each result from the library: for measurements. The caller
   * closes it.
   */
  public static StreamingEngine bare(ModelSource source) {
    return SherpaEngine.readingAll(check(source, "", false).files());
  }

  /** A whole-utterance model alone: for measurements. The caller closes it. */
  public static WholeDecoder bareDecoder(ModelSource source) {
    return new OfflineSherpaRecogniser(check(source, "", false).files());
  }

  /** The bundled model of turns alone: for measurements. The caller closes it. */
  public static TurnModel bareTurns() {
    return new SmartTurn();
  }

  /** Voice activity alone: for measurements. The caller closes it. */
  public static VoiceActivity.Factory bareVoiceActivity(UtteranceSettings settings) {
    return new SileroVoiceActivity.Pool(settings.speechThreshold() / 100.0);
  }

  /**
   * @param language what is recognised, a tag
   * @param spoken codes of what may be recognised, one where the language is fixed
   * @param tellable codes of what a session may tell it
   */
  private record Checked(
      ModelDescription model,
      ModelFiles files,
      String language,
      Set<String> spoken,
      Set<String> tellable) {
    RecogniserInfo info(String provider) {
      return new RecogniserInfo(
          provider, model.name(), language, spoken, tellable, model.sampleRateHz());
    }
  }

  private static Checked check(ModelSource source, String languageTag, boolean hotwords) {
    try {
      ModelStore.Resolved resolved = ModelStore.resolve(source, ModelCatalogue.bundled());
      ModelDescription model = resolved.model();
      ModelValidator.validate(model, resolved.directory());
      SpokenLanguages languages = SpokenLanguages.of(model, resolved.directory());
      String code = languageTag.isBlank() ? "" : code(model, languages, languageTag);
      ModelFiles files =
          ModelFiles.of(model, resolved.directory(), languages.detects() ? code : "", languages);
      files = hotwords ? files.withBeamSearch() : files;
      if (!model.bundled()) {
        ModelStore store = new ModelStore(dataDir(source).orElseThrow());
        vouch(model, resolved.directory(), files, store);
      }
      return new Checked(
          model,
          files,
          code.isEmpty() ? languages.tag() : languageTag.strip(),
          code.isEmpty() ? languages.names() : Set.of(code),
          code.isEmpty() ? ModelFiles.tellable(model.type(), languages) : Set.of());
    } catch (IOException e) {
      throw new RecogniserException(e.getMessage(), e);
    }
  }

  private static String code(ModelDescription model, SpokenLanguages languages, String tag) {
    return languages
        .code(tag)
        .orElseThrow(
            () ->
                new RecogniserException(
                    "language '"
                        + tag
                        + "' is not one of model "
                        + model.name()
                        + " (expected: "
                        + (languages.codes().isEmpty()
                            ? "a language tag, as en or en-US"
                            : String.join(", ", new TreeSet<>(languages.codes())))
                        + ")"));
  }

  private static Optional<Path> dataDir(ModelSource source) {
    return switch (source) {
      case ModelSource.Bundled() -> Optional.empty();
      case ModelSource.Named(String _, Path dataDir) -> Optional.of(dataDir);
      case ModelSource.Directory(Path _, Path dataDir) -> Optional.of(dataDir);
    };
  }

  private static void vouch(
      ModelDescription model, Path directory, ModelFiles files, ModelStore store)
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
    String content =
        ModelStore.contentSha256(model, directory, files.language() + "/" + files.decodingMethod());
    if (!store.isProbed(content)) {
      LOG.info("model {} is new here: trying it in a child process", model.name());
      ModelProbe.probe(files, ModelProbe.TIMEOUT);
      store.recordProbed(content, model.name());
    }
  }
}
