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
  private long firstLongNs;
  private long lastTakenNs;
  private long overloadedNs;
  private boolean stands;

  /**
   * A stream whose audio has waited so long is decoded now: one that is spoken, not a file that
   * waits because it is read faster than that.
   */
  synchronized void taken(long waitedMs, long nowNs) {
    if (nowNs - lastTakenNs >= INTERVAL.toNanos()) {
      longWaits = 0;
    }
    lastTakenNs = nowNs;
    if (waitedMs < LONG_WAIT.toMillis()) {
      longWaits = 0;
      stands &= nowNs - overloadedNs < INTERVAL.toNanos();
      return;
    }
    if (longWaits++ == 0) {
      firstLongNs = nowNs;
    }
    if (longWaits >= LEAST_STEPS && nowNs - firstLongNs >= INTERVAL.toNanos()) {
      stands = true;
      overloadedNs = nowNs;
    }
  }

  /**
   * From an interval without a short wait until a short one an interval later, or until nothing was
   * taken for an interval: admission shall not flicker.
   */
  synchronized boolean stands(long nowNs) {
    stands &= nowNs - lastTakenNs < INTERVAL.toNanos();
    return stands;
  }
}
