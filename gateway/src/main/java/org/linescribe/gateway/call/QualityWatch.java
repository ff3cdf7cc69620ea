package org.linescribe.gateway.call;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.LegQuality;
import org.linescribe.session.calls.QualityAlert;
import org.linescribe.session.calls.QualityHistory;
import org.linescribe.session.calls.QualityThresholds;

/**
 * The quality of one call's legs over time, and the alerts of it.
 *
 * <p>Thread: the call's event loop.
 */
final class QualityWatch {
  private final SessionId sessionId;
  private final QualityThresholds thresholds;
  private final QualityAlert.Listener listener;
  private final Clock clock;
  private final Instant startedAt;
  private final Map<String, Leg> legs = new HashMap<>();

  private record Leg(QualityHistory history, QualityThresholds.Watch watch) {}

  /**
   * @param startedAt zero of the samples' times
   */
  QualityWatch(
      SessionId sessionId,
      QualityThresholds thresholds,
      QualityAlert.Listener listener,
      Clock clock,
      Instant startedAt) {
    this.sessionId = sessionId;
    this.thresholds = thresholds;
    this.listener = listener;
    this.clock = clock;
    this.startedAt = startedAt;
  }

  /** An interval has passed, or the call has ended. */
  void sample(List<LegQuality> now) {
    Instant at = clock.instant();
    long atMs = Math.max(0, Duration.between(startedAt, at).toMillis());
    for (LegQuality leg : now) {
      Leg own =
          legs.computeIfAbsent(leg.leg(), _ -> new Leg(new QualityHistory(), thresholds.watch()));
      own.history()
          .add(atMs, leg)
          .ifPresent(
              sample ->
                  own.watch()
                      .after(sample)
                      .ifPresent(
                          direction ->
                              listener.onAlert(
                                  new QualityAlert(
                                      sessionId, at, leg.leg(), direction, sample, thresholds))));
    }
  }

  /** The legs with what is known of the time before. */
  List<LegQuality> withHistory(List<LegQuality> legsNow) {
    List<LegQuality> told = new ArrayList<>();
    for (LegQuality leg : legsNow) {
      Leg own = legs.get(leg.leg());
      told.add(own == null ? leg : leg.with(own.history().samples()));
    }
    return told;
  }
}
