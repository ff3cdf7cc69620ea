package org.linescribe.session.pipeline;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.linescribe.session.lease.InProcessSourceLease;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.live.InProcessLiveTranscript;
import org.linescribe.session.store.SqlSegmentStore;
import org.linescribe.session.text.TextSettings;

/**
 * A pipeline on the embedded stores with two recognisers of {@link CodedSpeech}, "first" and
 * "second", and a clock that stands until a test moves it.
 */
final class EmbeddedPipeline implements AutoCloseable {
  final CodedRecogniser recogniser = new CodedRecogniser("first");
  final CodedRecogniser spare = new CodedRecogniser("second");
  final MovableClock clock = new MovableClock();
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final RecordedTraces traces = new RecordedTraces();
  final SessionPipeline sessions;

  EmbeddedPipeline(Path data) {
    this(data, settings -> {});
  }

  EmbeddedPipeline(Path data, Consumer<PatientSettings> changed) {
    this(data, changed, new InProcessSourceLease());
  }

  EmbeddedPipeline(Path data, Consumer<PatientSettings> changed, SourceLease lease) {
    this(data, changed, lease, TextSettings.defaults());
  }

  EmbeddedPipeline(
      Path data, Consumer<PatientSettings> changed, SourceLease lease, TextSettings text) {
    PatientSettings settings = new PatientSettings();
    changed.accept(settings);
    sessions =
        SessionPipeline.builder()
            .recogniser("first", recogniser)
            .recogniser("second", spare)
            .settings(settings.settings())
            .stores(
                new SessionStores(
                    SqlSegmentStore.embedded(data.resolve("db")),
                    data.resolve("outbox"),
                    java.util.Optional.empty(),
                    new InProcessLiveTranscript(clock, Duration.ofSeconds(60)),
                    lease,
                    Optional.empty()))
            .clock(clock)
            .text(text)
            .traces(traces)
            .meters(meters)
            .build();
  }

  @Override
  public void close() {
    sessions.close();
    recogniser.close();
    spare.close();
  }
}
