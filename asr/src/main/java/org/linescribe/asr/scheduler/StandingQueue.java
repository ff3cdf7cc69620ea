package org.linescribe.asr.scheduler;

import java.time.Duration;

/**
 * Tells a queue that stands from one that comes and goes: the decoders are behind where the least
 * wait of an interval is long, however short or long single waits are, as in CoDel (RFC 8289,
 * section 3.2). A busy machine holds up single streams, and a process that stood still is told by
 * the first stream that it takes afterwards; calls beyond what it can decode hold up every one.
 *
 * <p>Thread: any.
 */
final class StandingQueue {
  /** Less than the audio that a streaming model decodes in a step. */
  static final Duration LONG_WAIT = Duration.ofMillis(60);

  static final Duration INTERVAL = Duration.ofMillis(500);

  /** Where a few streams only are open, other programs hold up three steps in a row soon. */
  static final int LEAST_STEPS = 16;

  private int longWaits;
  private long waitingSinceNs;
  private long longWaitNs;
  private boolean stands;

  /** A stream whose audio has waited so long is decoded now. */
  synchronized void taken(long waitedMs, long nowNs) {
    if (waitedMs < LONG_WAIT.toMillis()) {
      longWaits = 0;
      return;
    }
    if (longWaits++ == 0) {
      waitingSinceNs = nowNs;
    }
    longWaitNs = nowNs;
    stands |= longWaits >= LEAST_STEPS && nowNs - waitingSinceNs >= INTERVAL.toNanos();
  }

  /**
   * From an interval without a short wait until an interval without a long one: admission shall not
   * flicker.
   */
  synchronized boolean stands(long nowNs) {
    stands &= nowNs - longWaitNs < INTERVAL.toNanos();
    return stands;
  }
}
