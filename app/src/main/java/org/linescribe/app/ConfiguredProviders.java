package org.linescribe.app;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.google.GoogleRecogniser;
import org.linescribe.asr.google.GoogleSettings;
import org.linescribe.asr.providers.ChosenDefault;
import org.linescribe.asr.providers.NamedModel;
import org.linescribe.asr.providers.Providers;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.asr.utterance.UtteranceSettings;

/** The recognisers that the settings name. Thread: any; blocks. */
final class ConfiguredProviders {
  private ConfiguredProviders() {}

  /**
   * Opens what the settings name. Takes seconds.
   *
   * @param meters asked when the first model is loaded
   * @throws StartException that names the setting
   */
  static Providers open(Settings settings, Supplier<MeterRegistry> meters, Clock clock) {
    List<Recogniser> recognisers = new ArrayList<>();
    try {
      for (String name : settings.bind(ProgramSettings.Providers.class).order()) {
        switch (name.strip()) {
          case "sherpa" -> recognisers.add(sherpa(settings, meters));
          case "whisper" -> whisper(settings, meters).ifPresent(recognisers::add);
          case "google" -> google(settings).ifPresent(recognisers::add);
          default ->
              throw new StartException(
                  "linescribe.providers.order: '"
                      + name.strip()
                      + "' (expected: sherpa, whisper, google, each at most once)");
        }
      }
      Providers providers = inOrder(recognisers, others(settings, meters), clock);
      new ChosenDefault(providers, settings.dataDirectory()).restore();
      return providers;
    } catch (RuntimeException e) {
      recognisers.forEach(Recogniser::close);
      throw e;
    }
  }

  /** The models that sessions may ask for: known and present, and not loaded yet. */
  private static List<NamedModel> others(Settings settings, Supplier<MeterRegistry> meters) {
    Path data = settings.dataDirectory();
    boolean hotwords = settings.bind(ProgramSettings.Model.class).hotwords();
    List<NamedModel> models = new ArrayList<>();
    for (String name : settings.bind(ProgramSettings.Model.class).others()) {
      ModelSource source = new ModelSource.Named(name, data);
      try {
        RecogniserInfo info = SherpaRecognisers.describe(source);
        models.add(
            new NamedModel(
                info,
                hotwords && SherpaRecognisers.takesHotwords(source),
                () ->
                    SherpaRecognisers.open(
                        source,
                        use(settings, info.provider(), ""),
                        settings.bind(SchedulerSettings.class),
                        meters)));
      } catch (RecogniserException | IllegalArgumentException e) {
        throw new StartException("linescribe.model.others: '" + name + "': " + e.getMessage(), e);
      }
    }
    return models;
  }

  private static Providers inOrder(
      List<Recogniser> recognisers, List<NamedModel> others, Clock clock) {
    try {
      return new Providers(recognisers, others, clock);
    } catch (IllegalArgumentException e) {
      throw new StartException("linescribe.providers.order: " + e.getMessage(), e);
    }
  }

  private static Optional<Recogniser> whisper(Settings settings, Supplier<MeterRegistry> meters) {
    ProgramSettings.WhisperModel model = settings.bind(ProgramSettings.WhisperModel.class);
    if (model.dir().isBlank()) {
      return Optional.empty();
    }
    ModelSource source = new ModelSource.Directory(Path.of(model.dir()), settings.dataDirectory());
    try {
      return Optional.of(
          SherpaRecognisers.open(
              source,
              use(settings, SherpaRecognisers.WHISPER, model.language()),
              settings.bind(SchedulerSettings.class),
              meters));
    } catch (RecogniserException e) {
      throw new StartException(
          "linescribe.providers.whisper.dir: '" + model.dir() + "': " + e.getMessage(), e);
    }
  }

  private static SherpaRecognisers.Use use(Settings settings, String provider, String language) {
    return new SherpaRecognisers.Use(
        provider,
        language,
        settings.bind(UtteranceSettings.class),
        settings.bind(ProgramSettings.Model.class).hotwords());
  }

  private static Optional<Recogniser> google(Settings settings) {
    GoogleSettings google = settings.bind(GoogleSettings.class);
    if (!google.enabled()) {
      return Optional.empty();
    }
    try {
      return Optional.of(GoogleRecogniser.open(google));
    } catch (RecogniserException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Recogniser sherpa(Settings settings, Supplier<MeterRegistry> meters) {
    ProgramSettings.Model model = settings.bind(ProgramSettings.Model.class);
    Path data = settings.dataDirectory();
    ModelSource source =
        model.dir().isBlank()
            ? new ModelSource.Named(model.name(), data)
            : new ModelSource.Directory(Path.of(model.dir()), data);
    SherpaRecognisers.Use use = use(settings, SherpaRecognisers.PROVIDER, model.language());
    SchedulerSettings scheduling = settings.bind(SchedulerSettings.class);
    boolean finalsByFolder = !model.finalDir().isBlank();
    if (finalsByFolder || !model.finalName().isBlank()) {
      ModelSource finals =
          finalsByFolder
              ? new ModelSource.Directory(Path.of(model.finalDir()), data)
              : new ModelSource.Named(model.finalName(), data);
      try {
        return SherpaRecognisers.openTwo(source, finals, use, scheduling, meters);
      } catch (RecogniserException | IllegalArgumentException e) {
        String setting =
            finalsByFolder
                ? "linescribe.model.final-dir: '" + model.finalDir() + "'"
                : "linescribe.model.final-name: '" + model.finalName() + "'";
        throw new StartException(setting + ": " + e.getMessage(), e);
      }
    }
    try {
      return SherpaRecognisers.open(source, use, scheduling, meters);
    } catch (RecogniserException | IllegalArgumentException e) {
      if (String.valueOf(e.getMessage()).startsWith("linescribe.")) {
        throw e;
      }
      String key =
          model.dir().isBlank()
              ? "linescribe.model.name: '" + model.name()
              : "linescribe.model.dir: '" + model.dir();
      throw new StartException(key + "': " + e.getMessage(), e);
    }
  }
}
