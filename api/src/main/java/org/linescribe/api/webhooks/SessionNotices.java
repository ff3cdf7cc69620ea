package org.linescribe.api.webhooks;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.linescribe.api.callrecord.CallJson;
import org.linescribe.api.http.LogGate;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.QualityAlert;
import org.linescribe.session.calls.QualitySample;
import org.linescribe.session.recordings.CallRecordings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * What receivers are told of a session beside its transcript: that a call's quality changed, that a
 * call ended, and that a recording is ready.
 *
 * <p>Thread: any.
 */
final class SessionNotices implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SessionNotices.class);

  /** Alerts that wait for the disk. */
  private static final int MAX_ALERTS = 10_000;

  /** How long the end of the application waits for them. */
  private static final Duration ALERTS_AT_CLOSE = Duration.ofSeconds(5);

  /** Keeps an event for each receiver of its session. */
  @FunctionalInterface
  interface Telling {
    void tell(EventSpool.Spooled event) throws IOException;
  }

  private final JsonMapper json;
  private final Telling telling;

  /** One thread, so that a call's alerts are kept in their order. */
  private final ExecutorService alerts =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(MAX_ALERTS),
          Thread.ofVirtual().name("linescribe-webhooks-alerts").factory());

  private final LogGate alertLog = new LogGate(Duration.ofMinutes(1));

  SessionNotices(JsonMapper json, Telling telling) {
    this.json = json;
    this.telling = telling;
  }

  /** What {@code quality.alert} tells. */
  private record AlertData(
      String sessionId,
      String leg,
      String state,
      long atMs,
      double mos,
      double lossPercent,
      double jitterMs,
      ThresholdsData thresholds) {}

  private record ThresholdsData(double mos, double lossPercent) {}

  /** Returns at once; the alert is kept by a thread of its own. */
  void onAlert(QualityAlert alert) {
    try {
      alerts.execute(() -> keep(alert));
    } catch (RejectedExecutionException tooMany) {
      alertLog.log(
          heldBack ->
              LOG.warn(
                  "An alert of session {} is told to nobody: too many wait to be kept ({} more not"
                      + " logged)",
                  alert.sessionId(),
                  heldBack));
    }
  }

  private void keep(QualityAlert alert) {
    QualitySample sample = alert.sample();
    EventSpool.Spooled event =
        new EventSpool.Spooled(
            WebhookEvent.QUALITY_ALERT,
            alert.sessionId(),
            sample.atMs(),
            alert.at(),
            json.valueToTree(
                new AlertData(
                    alert.sessionId().value(),
                    alert.leg(),
                    alert.direction().name().toLowerCase(Locale.ROOT),
                    sample.atMs(),
                    sample.mos(),
                    sample.lossPercent(),
                    sample.jitterMs(),
                    new ThresholdsData(
                        alert.thresholds().leastMos(), alert.thresholds().mostLossPercent()))));
    try {
      telling.tell(event);
    } catch (IOException | RuntimeException e) {
      LOG.error("An alert of session {} is told to nobody: {}", alert.sessionId(), e.toString());
    }
  }

  /** A call ended, and its record is about to be kept. Blocks. */
  void onCall(CallRecord call) throws IOException {
    telling.tell(
        new EventSpool.Spooled(
            WebhookEvent.CALL_ENDED,
            call.sessionId(),
            call.startedAt().toEpochMilli(),
            call.endedAt(),
            json.valueToTree(CallJson.CallBody.of(call, false))));
  }

  /** What {@code recording.ready} tells. */
  private record RecordingData(
      String sessionId,
      String recordingId,
      Instant startedAt,
      long durationMs,
      int channels,
      int sampleRate,
      long bytes,
      String path) {}

  /** A recording is complete. Blocks. */
  void onReady(CallRecordings.Ready recording) throws IOException {
    CallRecordings.Kept kept = recording.kept();
    telling.tell(
        new EventSpool.Spooled(
            WebhookEvent.RECORDING_READY,
            kept.sessionId(),
            kept.startedAt().toEpochMilli(),
            kept.modified(),
            json.valueToTree(
                new RecordingData(
                    kept.sessionId().value(),
                    kept.id(),
                    kept.startedAt(),
                    recording.frames() * 1000 / recording.shape().sampleRateHz(),
                    recording.shape().channels(),
                    recording.shape().sampleRateHz(),
                    kept.bytes(),
                    "/recordings/" + URLEncoder.encode(kept.id(), StandardCharsets.UTF_8)))));
  }

  /**
   * Waits for what is under way: alerts of the calls that ended just now are told by the next run.
   */
  @Override
  public void close() {
    alerts.shutdown();
    try {
      if (!alerts.awaitTermination(ALERTS_AT_CLOSE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{} alerts are told to nobody: the disk is too slow", alerts.shutdownNow().size());
      }
    } catch (InterruptedException stopped) {
      alerts.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
