package org.linescribe.api.pipeline;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.linescribe.api.ApiServer;
import org.linescribe.api.Unhurried;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.catalogue.ModelSource;
import org.linescribe.asr.providers.NamedModel;
import org.linescribe.asr.providers.Providers;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.pipeline.SessionPipeline;
import org.linescribe.session.pipeline.SessionStores;

/** All APIs on the real pipeline with the bundled model and the embedded stores. */
final class RealGateway implements AutoCloseable {
  /** A model that sessions may ask for; it is loaded when the first one does. */
  static final String GENERAL = "moonshine-tiny-en";

  private final Providers providers;
  private final SessionPipeline pipeline;
  private final ApiServer server;

  RealGateway(Path data) {
    this(data, Map.of());
  }

  RealGateway(Path data, Map<String, Object> settings) {
    this(data, settings, Unhurried.recogniser());
  }

  RealGateway(Path data, Map<String, Object> settings, SchedulerSettings scheduling) {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    Recogniser recogniser = SherpaRecognisers.bundled(scheduling, meters);
    ModelSource source = new ModelSource.Named(GENERAL, data);
    NamedModel general =
        new NamedModel(
            SherpaRecognisers.describe(source),
            () ->
                SherpaRecognisers.open(
                    source, SherpaRecognisers.Use.defaults(), Unhurried.recogniser(), meters));
    providers = new Providers(List.of(recogniser), List.of(general), Clock.systemUTC());
    SessionPipeline.Builder builder =
        SessionPipeline.builder()
            .settings(Unhurried.sessions())
            .recogniser("sherpa", providers.first())
            .stores(SessionStores.embedded(data, Duration.ofSeconds(60)))
            .meters(meters);
    providers.models().forEach(builder::model);
    pipeline = builder.build();
    Map<String, Object> all = new TreeMap<>(settings);
    // A client that this machine holds up is not one that sends no more.
    all.putIfAbsent("linescribe.api.transcribe.flush-after", "1h");
    server = ApiServer.start(pipeline, providers, all);
  }

  ApiServer server() {
    return server;
  }

  SessionPipeline pipeline() {
    return pipeline;
  }

  /** Whether the session's last source has ended and everything it said is stored. */
  boolean hasEnded(String id) {
    return pipeline
        .find(new SessionId(id))
        .filter(session -> session.endedAt().isPresent())
        .isPresent();
  }

  List<Segment> segments(String id) {
    return pipeline.segments(new SessionId(id), 1, 1000);
  }

  String text(String id) {
    return segments(id).stream().map(Segment::text).collect(Collectors.joining(" "));
  }

  @Override
  public void close() {
    server.close();
    pipeline.close();
    providers.close();
  }
}
