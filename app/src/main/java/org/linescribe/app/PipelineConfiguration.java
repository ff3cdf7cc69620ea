package org.linescribe.app;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.StartedFirst;
import org.linescribe.api.models.SpeedMeter;
import org.linescribe.app.tracing.OtlpTraces;
import org.linescribe.app.tracing.TracingSettings;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.chunked.ChunkedRecogniser;
import org.linescribe.asr.providers.Providers;
import org.linescribe.asr.sherpa.ModelSpeed;
import org.linescribe.session.SessionSettings;
import org.linescribe.session.calls.CallLog;
import org.linescribe.session.erasure.FleetErasure;
import org.linescribe.session.erasure.Node;
import org.linescribe.session.erasure.SessionErasure;
import org.linescribe.session.fleet.Fleet;
import org.linescribe.session.keys.StoredKeys;
import org.linescribe.session.pipeline.SessionPipeline;
import org.linescribe.session.pipeline.SessionStores;
import org.linescribe.session.recordings.RecordingFolder;
import org.linescribe.session.redis.RedisNode;
import org.linescribe.session.storage.StorageSettings;
import org.linescribe.session.text.TextSettings;
import org.linescribe.session.tracing.SessionTraces;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;

/** The recogniser, the stores and the pipeline between them. */
@Configuration(proxyBeanMethods = false)
class PipelineConfiguration {
  private static final Duration MEASURED_FOR = Duration.ofSeconds(5);

  @Bean
  Clock clock() {
    return Clock.systemUTC();
  }

  @Bean
  Settings settings(EarlyStart early) {
    return early.settings();
  }

  @Bean(destroyMethod = "close")
  Providers providers(EarlyStart early, MeterRegistry meters) {
    return early.providers(meters);
  }

  /** In a process of its own: the model's memory and faults are not the gateway's. */
  @Bean
  SpeedMeter speedMeter(Settings settings) {
    Path data = settings.dataDirectory();
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
  SessionStores sessionStores(EarlyStart early, Settings settings, MeterRegistry meters) {
    return SessionStores.of(
        early.store(),
        settings.dataDirectory(),
        isEmbedded(settings),
        settings.optionalText("linescribe.redis.url"),
        settings.bind(SessionSettings.class).partialTtl(),
        meters);
  }

  private static boolean isEmbedded(Settings settings) {
    return settings.optionalText("linescribe.mysql.url").isEmpty();
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
        pipeline::erase, folders, settings.dataDirectory().resolve("erasures.log"), clock);
  }

  @Bean
  Node node(EarlyStart early, Settings settings) {
    // Which has the data folder.
    early.store();
    try {
      return Node.of(settings.dataDirectory());
    } catch (IOException | IllegalArgumentException unusable) {
      throw new StartException(
          "the data folder's file node-id cannot be used: " + unusable.getMessage(), unusable);
    }
  }

  @Bean(destroyMethod = "close")
  FleetErasure fleetErasure(
      SessionErasure here,
      SessionPipeline pipeline,
      SessionStores stores,
      StorageSettings storage,
      Settings settings,
      Node node,
      Clock clock) {
    FleetErasure erasure =
        new FleetErasure(
            here,
            pipeline::eraseRest,
            stores.store().erasures(),
            node,
            !isEmbedded(settings),
            storage.keepErasures(),
            stores.redis().orElse(null),
            clock);
    pipeline.beforeReopening(erasure::completeBeforeReopening);
    return erasure;
  }

  /** Says goodbye before the pipeline closes Redis. */
  @Bean(destroyMethod = "close")
  @DependsOn("sessions")
  Fleet fleet(Node node, SessionStores stores, Settings settings, MeterRegistry meters) {
    return new Fleet(node, isEmbedded(settings) ? null : stores.redis().orElse(null), meters);
  }

  /** Before anybody is served: what was ordered while this node was away is erased first. */
  @Bean
  SmartLifecycle erasuresFirst(FleetErasure erasure) {
    return new StartedFirst(0, erasure::start);
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
        ? new OtlpTraces(tracing, ProgramVersion.text(), meters)
        : SessionTraces.OFF;
  }

  /** The node looks first: what the pipeline lays in a new data folder makes it a used one. */
  @Bean(destroyMethod = "close")
  @DependsOn("node")
  SessionPipeline sessions(
      EarlyStart early,
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
    early.storeTaken();
    ChunkedRecogniser files = ChunkedRecogniser.of(providers.recognisers().getFirst());
    try {
      return pipeline.recogniserOnRequest(files.info().provider(), files).build();
    } catch (IllegalStateException e) {
      throw new StartException(e.getMessage(), e);
    }
  }
}
