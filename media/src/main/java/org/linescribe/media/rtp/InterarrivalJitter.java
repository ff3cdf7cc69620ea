package org.linescribe.media.rtp;

/**
 * The running estimate of how unevenly packets arrive.
 *
 * <p>Kept in ticks, scaled by 16 as in the RFC's code. Arrival and timestamp are compared modulo
 * 2^32, so neither wrap disturbs it.
 *
 * <p>Thread: one at a time, one instance per SSRC. Source: RFC 3550 §6.4.1, §A.8.
 */
public final class InterarrivalJitter {
  private static final long NS_PER_S = 1_000_000_000L;

  private final int clockRateHz;
  private boolean started;
  private int transit;
  private long scaled;

  /**
   * @param clockRateHz the payload's RTP clock, more than 0
   */
  public InterarrivalJitter(int clockRateHz) {
    if (clockRateHz <= 0) {
      throw new IllegalArgumentException("clockRateHz: " + clockRateHz + " (expected: > 0)");
    }
    this.clockRateHz = clockRateHz;
  }

  /**
   * @param timestamp 0..2^32-1
   * @param arrivalNs any monotonic clock
   */
  public void update(long timestamp, long arrivalNs) {
    long seconds = Math.floorDiv(arrivalNs, NS_PER_S);
    long rest = Math.floorMod(arrivalNs, NS_PER_S);
    long arrival = seconds * clockRateHz + rest * clockRateHz / NS_PER_S;
    int now = (int) (arrival - timestamp);
    if (started) {
      long difference = Math.abs((long) (now - transit));
      scaled += difference - ((scaled + 8) >> 4);
    }
    started = true;
    transit = now;
  }

  /** The estimate in ticks, as RTCP reports it. */
  public long ticks() {
    return Math.min(scaled >> 4, 0xFFFF_FFFFL);
  }

  /** The estimate in milliseconds. */
  public double ms() {
    return scaled / 16.0 * 1000 / clockRateHz;
  }

  /** Forgets everything, for a new or restarted source. */
  public void reset() {
    started = false;
    scaled = 0;
  }
}
