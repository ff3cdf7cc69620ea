package org.linescribe.media.rtp;

/**
 * What a receiver report holds about losses: since the start, and since the report before.
 *
 * <p>Thread: one at a time, one instance per SSRC. Source: RFC 3550 §6.4.1, §A.3.
 */
public final class LossStatistics {
  private static final int MAX_CUMULATIVE = 0x7F_FFFF;
  private static final int MIN_CUMULATIVE = -0x80_0000;

  private long expectedBefore;
  private long receivedBefore;

  /**
   * Packets lost since the start; negative when duplicates outnumber losses. Clamped to the 24 bits
   * that it is sent in.
   */
  public static int cumulativeLost(long expected, long received) {
    return Math.clamp(expected - received, MIN_CUMULATIVE, MAX_CUMULATIVE);
  }

  /**
   * Closes a reporting interval.
   *
   * @param expected packets expected since the start
   * @param received packets received since the start
   * @return lost / expected in the interval, in 1/256: 0..255; 0 when duplicates outnumber losses
   */
  public int fractionLost(long expected, long received) {
    long expectedNow = expected - expectedBefore;
    long lostNow = expectedNow - (received - receivedBefore);
    expectedBefore = expected;
    receivedBefore = received;
    return expectedNow <= 0 || lostNow <= 0 ? 0 : (int) Math.min(255, (lostNow << 8) / expectedNow);
  }

  /** Starts again, for a new or restarted source. */
  public void reset() {
    expectedBefore = 0;
    receivedBefore = 0;
  }
}
