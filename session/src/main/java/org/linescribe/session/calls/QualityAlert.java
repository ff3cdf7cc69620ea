package org.linescribe.session.calls;

import java.time.Instant;
import org.linescribe.session.SessionId;

/**
 * A leg's quality crossed a threshold.
 *
 * @param at when the stretch ended that showed it
 * @param sample that stretch
 */
public record QualityAlert(
    SessionId sessionId,
    Instant at,
    String leg,
    Direction direction,
    QualitySample sample,
    QualityThresholds thresholds) {

  /** Which way. */
  public enum Direction {
    DEGRADED,
    RECOVERED
  }

  /** Is told of alerts. */
  @FunctionalInterface
  public interface Listener {
    /** Thread: the call's event loop; must not block. */
    void onAlert(QualityAlert alert);
  }
}
