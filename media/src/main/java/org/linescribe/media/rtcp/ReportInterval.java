package org.linescribe.media.rtcp;

/**
 * When the next RTCP compound is due.
 *
 * <p>RTCP takes 5 % of the session's bandwidth, of which senders, if they are few, get a quarter;
 * never more often than every 5 s (2.5 s for the first), spread over [0.5, 1.5] of that against
 * synchronisation, and divided by e - 3/2 to make up for timer reconsideration.
 *
 * <p>Thread: any; stateless. Source: RFC 3550 §6.2, §6.3.1, §A.7.
 */
public final class ReportInterval {
  private static final double MIN_INTERVAL_S = 5;
  private static final double SENDERS_SHARE = 0.25;
  private static final double COMPENSATION = Math.E - 1.5;

  private ReportInterval() {}

  /**
   * The deterministic interval Td of §6.3.1, before it is spread.
   *
   * @param members participants known, ourselves included; at least 1
   * @param senders those of them that send
   * @param rtcpBytesPerS 5 % of the session's bandwidth
   * @param weSend whether we are a sender
   * @param averageBytes average size of compounds sent and received, with UDP and IP headers
   * @param first whether nothing was sent yet
   */
  public static double deterministicS(
      int members,
      int senders,
      double rtcpBytesPerS,
      boolean weSend,
      double averageBytes,
      boolean first) {
    double bandwidth = rtcpBytesPerS;
    int sharing = members;
    if (senders <= members * SENDERS_SHARE) {
      bandwidth *= weSend ? SENDERS_SHARE : 1 - SENDERS_SHARE;
      sharing = weSend ? senders : members - senders;
    }
    double least = first ? MIN_INTERVAL_S / 2 : MIN_INTERVAL_S;
    return Math.max(least, averageBytes * sharing / bandwidth);
  }

  /**
   * The time to wait, spread.
   *
   * @param deterministicS of {@link #deterministicS}
   * @param random uniform in [0, 1)
   */
  public static long spreadNs(double deterministicS, double random) {
    return Math.round(deterministicS * (random + 0.5) / COMPENSATION * 1e9);
  }
}
