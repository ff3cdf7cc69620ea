package org.linescribe.api.models;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.linescribe.api.http.RefusedRequestException;
import org.linescribe.asr.RecogniserException;
import org.linescribe.asr.sherpa.ModelSpeed;
import org.linescribe.session.Sessions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures models, one at a time and only while no source is open: a source that opens meanwhile
 * breaks the measurement off.
 *
 * <p>Thread: any; blocks.
 */
final class ModelSpeeds {
  private static final Logger LOG = LoggerFactory.getLogger(ModelSpeeds.class);
  private static final Duration RETRY_AFTER = Duration.ofMinutes(1);

  private final @Nullable SpeedMeter meter;
  private final Sessions sessions;
  private final Clock clock;
  private final Map<String, Speed> newest = new ConcurrentHashMap<>();
  private final AtomicBoolean running = new AtomicBoolean();

  /**
   * A model's speed on this machine.
   *
   * @param realTimeFactor see {@link ModelSpeed.Measured}
   * @param coresPerCall of one leg of a call
   * @param callsPerCore with one leg each, 30 % of the core left free; see {@link
   *     ModelSpeed.Measured#streamsPerCore}
   * @param cores of this machine
   */
  record Speed(
      double realTimeFactor,
      double coresPerCall,
      int callsPerCore,
      int cores,
      double audioSeconds,
      Instant measuredAt) {}

  /**
   * @param meter null where nothing can be measured
   */
  ModelSpeeds(@Nullable SpeedMeter meter, Sessions sessions, Clock clock) {
    this.meter = meter;
    this.sessions = sessions;
    this.clock = clock;
  }

  /** What was measured last, since the start. */
  Optional<Speed> newest(String model) {
    return Optional.ofNullable(newest.get(model));
  }

  Speed measure(String model) throws InterruptedException {
    if (meter == null) {
      throw RefusedRequestException.notFound("Not measured here");
    }
    if (!isIdle()) {
      throw RefusedRequestException.conflict(
          "Sources are open: a measurement would take their processors");
    }
    if (!running.compareAndSet(false, true)) {
      throw RefusedRequestException.conflict("Another model is being measured");
    }
    try {
      Speed speed =
          meter
              .measure(model, this::isIdle)
              .map(this::speed)
              .orElseThrow(
                  () ->
                      RefusedRequestException.conflict(
                          "A source opened: the measurement was broken off"));
      newest.put(model, speed);
      return speed;
    } catch (RecogniserException unusable) {
      throw RefusedRequestException.conflict(String.valueOf(unusable.getMessage()));
    } catch (IOException e) {
      LOG.warn("The model {} could not be measured: {}", model, e.toString());
      throw RefusedRequestException.unavailable("The model could not be measured", RETRY_AFTER);
    } finally {
      running.set(false);
    }
  }

  private boolean isIdle() {
    return sessions.openSources() == 0;
  }

  private Speed speed(ModelSpeed.Measured measured) {
    return new Speed(
        rounded(measured.realTimeFactor()),
        rounded(measured.coresPerStream()),
        measured.streamsPerCore(),
        Runtime.getRuntime().availableProcessors(),
        rounded(measured.audio().toMillis() / 1000.0),
        clock.instant());
  }

  private static double rounded(double value) {
    return Math.round(value * 10_000) / 10_000.0;
  }
}
