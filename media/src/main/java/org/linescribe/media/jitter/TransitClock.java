package org.linescribe.media.jitter;

/**
 * Where on the timeline a packet that arrives now would be, if nothing delayed it.
 *
 * <p>The base is the least transit (arrival less position, both in samples) of the last 5 to 10 s:
 * jitter only adds to it, so the least is the truest; and because old ones are forgotten, the base
 * follows a sender whose clock is faster or slower (200 ppm are 2 ms in 10 s).
 */
final class TransitClock {
  static final long NS_PER_SAMPLE = 125_000;

  private static final long BUCKET_NS = 5_000_000_000L;

  private boolean started;
  private long bucketStartNs;
  private long leastNow;
  private long leastBefore;

  boolean isStarted() {
    return started;
  }

  /** Declares what position a packet that arrives now without delay has. */
  void start(long position, long nowNs) {
    started = true;
    bucketStartNs = nowNs;
    leastNow = samples(nowNs) - position;
    leastBefore = leastNow;
  }

  /**
   * A packet of that position arrived.
   *
   * @return samples by which the clock went forward, because no packet was as early before; or 0
   */
  long observe(long position, long nowNs) {
    long transit = samples(nowNs) - position;
    long advanced = Math.max(0, Math.min(leastNow, leastBefore) - transit);
    if (nowNs - bucketStartNs >= BUCKET_NS) {
      leastBefore = leastNow;
      leastNow = transit;
      bucketStartNs = nowNs;
    } else {
      leastNow = Math.min(leastNow, transit);
    }
    return advanced;
  }

  /** Positions are now smaller by so many samples. */
  void setBack(long samples) {
    leastNow += samples;
    leastBefore += samples;
  }

  long positionAt(long nowNs) {
    return samples(nowNs) - Math.min(leastNow, leastBefore);
  }

  private static long samples(long nowNs) {
    return Math.floorDiv(nowNs, NS_PER_SAMPLE);
  }
}
