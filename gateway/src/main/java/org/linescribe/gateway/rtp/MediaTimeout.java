package org.linescribe.gateway.rtp;

import java.time.Duration;

/**
 * Whether media that is expected has not come for too long.
 *
 * <p>Thread: the session's event loop; times by its clock.
 */
final class MediaTimeout {
  private final long limitNs;
  private long sinceNs;
  private boolean over;

  MediaTimeout(Duration limit) {
    this.limitNs = limit.toNanos();
  }

  /** It runs from now on: media came, is expected again, or the session starts. */
  void begin(long nowNs) {
    sinceNs = nowNs;
    over = false;
  }

  /**
   * Lets time pass; it does not run while no media is expected.
   *
   * @return whether it is over now, told once
   */
  boolean ends(long nowNs, boolean isExpected) {
    if (!isExpected) {
      sinceNs = nowNs;
      return false;
    }
    boolean ends = !over && nowNs - sinceNs > limitNs;
    over |= ends;
    return ends;
  }

  boolean isOver() {
    return over;
  }
}
