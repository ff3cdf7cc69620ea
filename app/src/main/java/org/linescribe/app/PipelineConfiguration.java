package org.linescribe.app;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.models.SpeedMeter;
import org.linescribe.app.tracing.OtlpTraces;
import org.linescribe.app.tracing.TracingSettings;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.RecogniserInfo;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.chunked.ChunkedRecogniser;
import org.linescribe.asr.google.GoogleRecogniser;
import org.linescribe.asr.google.GoogleSettings;
import org.linescribe.asr.providers.NamedModel;
import org.linescribe.asr.providers.Providers;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.sherpa.ModelSpeed;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.asr.utterance.UtteranceSettings;
import org.linescribe.session.SessionSettings;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.erasure.SessionErasure;
import org.linescribe.session.keys.StoredKeys;
import org.linescribe.session.pipeline.SessionPipeline;
import org.linescribe.session.pipeline.SessionStores;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.session.storage.DataFolder;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.session.store.SqlStoreSettings;
import org.linescribe.session.text.TextSettings;
import org.linescribe.session.tracing.SessionTraces;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/** The recogniser, the stores and the pipeline between them. */
@Configuration(proxyBeanMethods = false)
class PipelineConfiguration {
  private static final Duration MEASURED_FOR = Duration.ofSeconds(5);

  @Bean
  Clock clock() {
    return Clock.systemUTC();
  }

  @Bean
  Settings settings(ConfigurableEnvironment environment, ApplicationContext context) {
    List<Class<?>> bound = new ArrayList<>();
    for (String bean : context.getBeanNamesForAnnotation(ConfigurationProperties.class)) {
      Class<?> type = Objects.requireNonNull(context.getType(bean));
      // Spring Boot's own are classes.
      if (type.isRecord()) {
        bound.add(type);
      }
    }
    Settings settings = new Settings(environment);
    settings.refuseUnknownKeys(bound);
    return settings;
  }

  @Bean(destroyMethod = "close")
  Providers providers(Settings settings, MeterRegistry meters, Clock clock) {
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
      return inOrder(recognisers, others(settings, meters), clock);
    } catch (RuntimeException e) {
      recognisers.forEach(Recogniser::close);
      throw e;
    }
  }

  /** The models that sessions may ask for: known and present, and not loaded yet. */
  private static List<NamedModel> others(Settings settings, MeterRegistry meters) {
    Path data = dataDirectory(settings);
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

  private static Optional<Recogniser> whisper(Settings settings, MeterRegistry meters) {
    ProgramSettings.WhisperModel model = settings.bind(ProgramSettings.WhisperModel.class);
    if (model.dir().isBlank()) {
      return Optional.empty();
    }
    ModelSource source = new ModelSource.Directory(Path.of(model.dir()), dataDirectory(settings));
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

  private static Recogniser sherpa(Settings settings, MeterRegistry meters) {
    ProgramSettings.Model model = settings.bind(ProgramSettings.Model.class);
    Path data = dataDirectory(settings);
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

  /** In a process of its own: the model's memory and faults are not the gateway's. */
  @Bean
  SpeedMeter speedMeter(Settings settings) {
    Path data = dataDirectory(settings);
    return (model, mayGoOn) ->
        SpokenRecording.inFile(
            file -> ModelSpeed.measureInChild(model, data, file, MEASURED_FOR, mayGoOn));
  }

  @Bean
  StorageSettings storageSettings(Settings settings) {
    return settings.bind(StorageSettings.class);
  }

  @Bean(destroyMethod = "close")
  Retention retention(List<RecordingFolder> folders, Clock clock) {
    return new Retention(folders, clock);
  }

  /** The pipeline that gets them closes them. */
  @Bean(destroyMethod = "")
  SessionStores sessionStores(Settings settings, MeterRegistry meters) {
    Optional<SqlStoreSettings> sql =
        settings
            .optionalText("linescribe.mysql.url")
            .map(_ -> settings.bind(SqlStoreSettings.class));
    try {
      return SessionStores.open(
          dataDirectory(settings),
          sql,
          settings.optionalText("linescribe.redis.url"),
          settings.bind(SessionSettings.class).partialTtl(),
          meters);
    } catch (IllegalStateException e) {
      throw new StartException((sql.isEmpty() ? "linescribe.data: " : "") + e.getMessage(), e);
    }
  }

  /** For APIs that share more than sessions between machines; null without Redis. */
  @Bean(destroyMethod = "")
  @Nullable RedisNode redisNode(SessionStores stores) {
    return stores.redis().orElse(null);
  }

  @Bean
  StoredKeys storedKeys(SessionStores stores) {
    return stores.store().keys();
  }

  @Bean
  SessionErasure sessionErasure(
      SessionPipeline pipeline, List<RecordingFolder> folders, Settings settings, Clock clock) {
    return new SessionErasure(
        pipeline::erase, folders, dataDirectory(settings).resolve("erasures.log"), clock);
  }

  @Bean
  CallLog callLog(SessionPipeline pipeline) {
    return pipeline.callLog();
  }

  /** Closed after those who tell it of their steps. */
  @Bean
  SessionTraces sessionTraces(Settings settings, MeterRegistry meters) throws IOException {
    TracingSettings tracing = settings.bind(TracingSettings.class);
    return tracing.isOn()
        ? new OtlpTraces(tracing, new BuildVersion().getVersion()[0], meters)
        : SessionTraces.OFF;
  }

  @Bean(destroyMethod = "close")
  SessionPipeline sessions(
      Settings settings,
      Providers providers,
      SessionStores stores,
      SessionTraces traces,
      MeterRegistry meters,
      Clock clock) {
    SessionPipeline.Builder pipeline =
        SessionPipeline.builder()
            .settings(settings.bind(SessionSettings.class))
            .storage(settings.bind(StorageSettings.class))
            .text(settings.bind(TextSettings.class))
            .stores(stores)
            .traces(traces)
            .meters(meters)
            .clock(clock);
    for (Recogniser recogniser : providers.recognisers()) {
      pipeline.recogniser(recogniser.info().provider(), recogniser);
    }
    providers.models().forEach(pipeline::model);
    ChunkedRecogniser files = ChunkedRecogniser.of(providers.recognisers().getFirst());
    try {
      return pipeline.recogniserOnRequest(files.info().provider(), files).build();
    } catch (IllegalStateException e) {
      throw new StartException(e.getMessage(), e);
    }
  }

  private static Path dataDirectory(Settings settings) {
    Path data = Path.of(settings.bind(ProgramSettings.Gateway.class).data());
    try {
      DataFolder.create(data);
    } catch (IOException e) {
      throw new StartException(
          "linescribe.data: '" + data + "' (expected: a folder that can be written): " + e, e);
    }
    if (!Files.isWritable(data)) {
      throw new StartException(
          "linescribe.data: '" + data + "' (expected: a folder that can be written)");
    }
    return data.toAbsolutePath();
  }
}
