package org.linescribe.session.calls;

import java.util.Optional;

/**
 * What a leg's quality may become before somebody is told.
 *
 * @param leastMos mean opinion score below which it is bad; 0: whatever it is
 * @param mostLossPercent loss above which it is bad; 0: whatever it is
 */
public record QualityThresholds(double leastMos, double mostLossPercent) {
  /** Nothing is bad. */
  public static final QualityThresholds NONE = new QualityThresholds(0, 0);

  boolean isBad(QualitySample sample) {
    return leastMos > 0 && sample.mos() < leastMos
        || mostLossPercent > 0 && sample.lossPercent() > mostLossPercent;
  }

  /**
   * Which way a leg has crossed them, each way once in a call: a line that comes and goes is one
   * piece of news, not a hundred.
   *
   * <p>Thread: one at a time.
   */
  public final class Watch {
    private boolean degraded;
    private boolean recovered;

    /** What is to be told after this stretch. */
    public Optional<QualityAlert.Direction> after(QualitySample sample) {
      boolean bad = isBad(sample);
      if (bad && !degraded) {
        degraded = true;
        return Optional.of(QualityAlert.Direction.DEGRADED);
      }
      if (!bad && degraded && !recovered) {
        recovered = true;
        return Optional.of(QualityAlert.Direction.RECOVERED);
      }
      return Optional.empty();
    }
  }

  /** Watches one leg of one call. */
  public Watch watch() {
    return new Watch();
  }
}
