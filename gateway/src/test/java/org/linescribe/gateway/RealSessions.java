package org.linescribe.gateway;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.linescribe.asr.Recogniser;
import org.linescribe.asr.scheduler.SchedulerSettings;
import org.linescribe.asr.sherpa.SherpaRecognisers;
import org.linescribe.session.SessionSettings;
import org.linescribe.session.pipeline.SessionPipeline;
import org.linescribe.session.pipeline.SessionStores;

/** Sessions that the bundled model of digits transcribes, kept in a folder; closes both. */
public record RealSessions(Recogniser recogniser, SessionPipeline sessions)
    implements AutoCloseable {
  /** For tests of words, as {@link Unhurried} says. */
  public static RealSessions unhurried(Path data, MeterRegistry registry) throws IOException {
    return open(data, Unhurried.recogniser(), Unhurried.sessions(), registry);
  }

  /** With the settings that the program has by default, for measurements. */
  public static RealSessions byDefault(Path data, MeterRegistry registry) throws IOException {
    return open(data, SchedulerSettings.defaults(), SessionSettings.defaults(), registry);
  }

  private static RealSessions open(
      Path data, SchedulerSettings scheduling, SessionSettings settings, MeterRegistry registry)
      throws IOException {
    Recogniser recogniser = SherpaRecognisers.bundled(scheduling, registry);
    return new RealSessions(
        recogniser,
        SessionPipeline.builder()
            .settings(settings)
            .recogniser(recogniser.info().provider(), recogniser)
            .stores(SessionStores.embedded(data, Duration.ofSeconds(60)))
            .meters(registry)
            .clock(Clock.systemUTC())
            .build());
  }

  @Override
  public void close() {
    sessions.close();
    recogniser.close();
  }
}
