package org.linescribe.app;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.google.GoogleRecogniser;
import org.linescribe.asr.google.GoogleSettings;
import org.linescribe.asr.offline.OfflineRecogniser;
import org.linescribe.asr.offline.OfflineSettings;
import org.linescribe.asr.parts.PartsRecogniser;
import org.linescribe.asr.providers.Providers;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.session.Sessions;
import org.linescribe.session.pipeline.SessionPipeline;
import org.linescribe.session.pipeline.SessionSettings;
import org.linescribe.session.pipeline.SessionStores;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.session.store.SqlStoreSettings;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/** The recogniser, the stores and the pipeline between them. */
@Configuration(proxyBeanMethods = false)
class PipelineConfiguration {

  @Bean
  Clock clock() {
    return Clock.systemUTC();
  }

  @Bean
  Settings settings(ConfigurableEnvironment environment, ApplicationContext context) {
    Map<String, Class<?>> doors = new TreeMap<>();
    for (String bean : context.getBeanNamesForAnnotation(ConfigurationProperties.class)) {
      ConfigurationProperties marked =
          Objects.requireNonNull(context.findAnnotationOnBean(bean, ConfigurationProperties.class));
      Class<?> type = Objects.requireNonNull(context.getType(bean));
      if (type.isRecord()) {
        doors.put(marked.value(), type);
      }
    }
    Settings settings = new Settings(environment);
    settings.refuseUnknownKeys(doors);
    return settings;
  }

  @Bean(destroyMethod = "close")
  Providers providers(Settings settings, MeterRegistry meters, Clock clock) {
    List<Recogniser> recognisers = new ArrayList<>();
    try {
      for (String name : settings.text("linescribe.providers.order").split(",")) {
        switch (name.strip()) {
          case "sherpa" -> recognisers.add(sherpa(settings, meters));
          case "whisper" -> whisper(settings).ifPresent(recognisers::add);
          case "google" -> google(settings).ifPresent(recognisers::add);
          default ->
              throw new StartException(
                  "linescribe.providers.order: '"
                      + name.strip()
                      + "' (expected: sherpa, whisper, google, each at most once)");
        }
      }
      return inOrder(recognisers, clock);
    } catch (RuntimeException e) {
      recognisers.forEach(Recogniser::close);
      throw e;
    }
  }

  private static Providers inOrder(List<Recogniser> recognisers, Clock clock) {
    try {
      return new Providers(recognisers, clock);
    } catch (IllegalArgumentException e) {
      throw new StartException("linescribe.providers.order: " + e.getMessage(), e);
    }
  }

  private static Optional<Recogniser> whisper(Settings settings) {
    Optional<String> directory = settings.optionalText("linescribe.providers.whisper.dir");
    if (directory.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          OfflineRecogniser.open(
              Path.of(directory.get()),
              settings.text("linescribe.providers.whisper.language"),
              settings.bind("linescribe.providers.whisper", OfflineSettings.class)));
    } catch (RecogniserException e) {
      throw new StartException("linescribe.providers.whisper.dir: " + e.getMessage(), e);
    }
  }

  private static Optional<Recogniser> google(Settings settings) {
    GoogleSettings google = settings.bind("linescribe.providers.google", GoogleSettings.class);
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
    Optional<Path> directory = settings.optionalText("linescribe.model.dir").map(Path::of);
    String name = settings.text("linescribe.model.name");
    Path data = dataDirectory(settings);
    ModelSource source =
        directory.isPresent()
            ? new ModelSource.Directory(directory.get(), data)
            : new ModelSource.Named(name, data);
    try {
      return SherpaRecognisers.open(
          source, settings.bind("linescribe.asr", SchedulerSettings.class), meters);
    } catch (RecogniserException | IllegalArgumentException e) {
      if (String.valueOf(e.getMessage()).startsWith("linescribe.")) {
        throw e;
      }
      String key =
          directory.isPresent()
              ? "linescribe.model.dir: '" + directory.get()
              : "linescribe.model.name: '" + name;
      throw new StartException(key + "': " + e.getMessage(), e);
    }
  }

  /** The pipeline that gets them closes them. */
  @Bean(destroyMethod = "")
  SessionStores sessionStores(Settings settings, MeterRegistry meters) {
    Optional<SqlStoreSettings> sql =
        settings
            .optionalText("linescribe.mysql.url")
            .map(
                url ->
                    new SqlStoreSettings(
                        url,
                        settings.text("linescribe.mysql.user"),
                        settings.text("linescribe.mysql.password"),
                        settings.bind("linescribe.mysql.pool-size", Integer.class),
                        settings.duration("linescribe.mysql.connect-timeout"),
                        settings.duration("linescribe.mysql.read-timeout")));
    try {
      return SessionStores.open(
          dataDirectory(settings),
          sql,
          settings.optionalText("linescribe.redis.url"),
          settings.bind("linescribe.session", SessionSettings.class).partialTtl(),
          meters);
    } catch (IllegalStateException e) {
      throw new StartException((sql.isEmpty() ? "linescribe.data: " : "") + e.getMessage(), e);
    }
  }

  /** For doors that share more than sessions between machines; none without Redis. */
  @Bean(destroyMethod = "")
  @Nullable RedisNode redisNode(SessionStores stores) {
    return stores.redis().orElse(null);
  }

  @Bean(destroyMethod = "close")
  Sessions sessions(
      Settings settings,
      Providers providers,
      SessionStores stores,
      MeterRegistry meters,
      Clock clock) {
    SessionPipeline.Builder pipeline =
        SessionPipeline.builder()
            .settings(settings.bind("linescribe.session", SessionSettings.class))
            .stores(stores)
            .meters(meters)
            .clock(clock);
    for (Recogniser recogniser : providers.recognisers()) {
      pipeline.recogniser(recogniser.info().provider(), recogniser);
    }
    PartsRecogniser files = PartsRecogniser.of(providers.recognisers().getFirst());
    try {
      return pipeline.recogniserOnRequest(files.info().provider(), files).build();
    } catch (IllegalStateException e) {
      throw new StartException(e.getMessage(), e);
    }
  }

  private static Path dataDirectory(Settings settings) {
    Path data = settings.data();
    try {
      Files.createDirectories(data);
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
