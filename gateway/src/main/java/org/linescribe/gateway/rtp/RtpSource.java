package org.linescribe.gateway.rtp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.rtp.RtpPacket;
import org.linescribe.media.rtp.SourceValidator;

/**
 * Decides which packets belong to the call: symmetric RTP (RFC 4961) with protection against
 * hijacking.
 *
 * <ul>
 *   <li>Nothing is latched: the announced address is latched by its first packet, its host's other
 *       ports, and with {@link RtpSettings.Source#LATCH} any other address, by two packets of one
 *       SSRC in sequence (RFC 3550 §A.1), which finds a peer behind a NAT.
 *   <li>The announced address takes over from any other one, by two packets in sequence.
 *   <li>Another port of the latched host takes over at once when it continues SSRC, sequence number
 *       and timestamp, which a NAT rebinding does; otherwise when the latched port was silent for
 *       {@code relatchAfter}, by five packets in sequence.
 *   <li>Another host takes over only when the latched source is not the announced host, was silent
 *       for {@code relatchAfter}, and is continued by five packets. So nobody can inject audio into
 *       a call that pauses by knowing its port.
 *   <li>Where only one host may send, no other one takes part in any of this.
 *   <li>A renegotiation with another address starts again; the first announcement does not, because
 *       media may arrive before the answer to our offer.
 * </ul>
 *
 * <p>Thread: the session's event loop.
 */
final class RtpSource {
  private static final int PROBATION = SourceValidator.DEFAULT_MIN_SEQUENTIAL;
  private static final int LONG_PROBATION = 5;

  private static final int MAX_DROPOUT = SourceValidator.MAX_DROPOUT;
  private static final int MAX_MISORDER = SourceValidator.MAX_MISORDER;
  private static final int NS_PER_SAMPLE = 125_000;

  /** Timestamps may run ahead of the arrival times by this much: bursts after a stall. */
  private static final long CLOCK_TOLERANCE_SAMPLES = 5 * 8000;

  /** What becomes of a packet. */
  enum Verdict {
    ADMITTED,
    /** Admitted, and the source's address changed. */
    MOVED,
    FOREIGN
  }

  private final boolean latches;
  private final long relatchAfterNs;
  private final Predicate<InetSocketAddress> isOwnPort;
  private @Nullable InetAddress onlyHost;
  private @Nullable InetSocketAddress announced;
  private @Nullable InetSocketAddress latched;
  private @Nullable InetSocketAddress former;
  private long lastPacketNs;
  private long lastSsrc;
  private int lastSequenceNumber;
  private long lastTimestamp;
  private int lastTicksPerSample;
  private @Nullable InetSocketAddress candidate;
  private long candidateSsrc;
  private SourceValidator probation = new SourceValidator(PROBATION);

  /**
   * @param isOwnPort whether an address is a media port of this gateway, whose silence must not
   *     keep another call alive
   */
  RtpSource(RtpSettings settings, Predicate<InetSocketAddress> isOwnPort) {
    this.latches = settings.source() == RtpSettings.Source.LATCH;
    this.relatchAfterNs = settings.relatchAfter().toNanos();
    this.isOwnPort = isOwnPort;
  }

  /** The address in the peer's SDP; null when it is not an IP address or has no port. */
  void announce(@Nullable InetSocketAddress address) {
    if (address != null && address.equals(announced)) {
      return;
    }
    boolean isFirst = announced == null;
    announced = address;
    if (!isFirst) {
      latched = null;
      candidate = null;
    }
  }

  /** The call goes on with another peer: what the one so far still sends is none of it. */
  void leave() {
    former = latched;
  }

  /** From now on that host may send, from any port, and no other. */
  void restrict(InetAddress host) {
    onlyHost = host;
  }

  /** Where packets are sent: the latched source, until then the announced address. */
  @Nullable InetSocketAddress target() {
    return latched == null ? announced : latched;
  }

  @Nullable InetSocketAddress latched() {
    return latched;
  }

  /** Whether RTCP from an address may belong to the call, judged by its host. */
  boolean isHost(InetAddress host) {
    return isHostOf(host, target());
  }

  private static boolean isHostOf(InetAddress host, @Nullable InetSocketAddress address) {
    return address != null && address.getAddress().equals(host);
  }

  /**
   * Whether no packet from an address can belong to the call, whatever it says and whenever it
   * comes: of what has no sequence to be judged by, as a handshake has none.
   */
  boolean excludes(InetSocketAddress from) {
    return isOwnPort.test(from) || !mayLatch(from.getAddress());
  }

  private boolean mayLatch(InetAddress host) {
    return onlyHost != null ? host.equals(onlyHost) : latches || isHostOf(host, announced);
  }

  /**
   * Decides on a packet as it came.
   *
   * @param ticksPerSample of its clock, for each sample at 8 kHz
   */
  Verdict admit(InetSocketAddress from, RtpPacket packet, int ticksPerSample, long nowNs) {
    return admit(
        from, packet.ssrc(), packet.sequenceNumber(), packet.timestamp(), ticksPerSample, nowNs);
  }

  Verdict admit(
      InetSocketAddress from,
      long ssrc,
      int sequenceNumber,
      long timestamp,
      int ticksPerSample,
      long nowNs) {
    if (!from.equals(latched)) {
      boolean continues = continues(ssrc, sequenceNumber, timestamp, ticksPerSample, nowNs);
      int needed = isOwnPort.test(from) ? 0 : probation(from, continues, nowNs);
      if (needed == 0) {
        return Verdict.FOREIGN;
      }
      boolean isBehind = latched != null && needed == 1 && !isAhead(ssrc, sequenceNumber);
      if (isBehind) {
        // A packet that was delayed on the old path, after the source moved.
        return Verdict.ADMITTED;
      }
      if (needed > 1 && !passes(from, ssrc, sequenceNumber, needed)) {
        return Verdict.FOREIGN;
      }
    }
    boolean moved = latched != null && !from.equals(latched);
    latched = from;
    candidate = null;
    lastPacketNs = nowNs;
    int gap = (short) (sequenceNumber - lastSequenceNumber);
    if (ssrc != lastSsrc || gap > 0 || gap < -MAX_MISORDER) {
      lastSsrc = ssrc;
      lastSequenceNumber = sequenceNumber;
      lastTimestamp = timestamp;
      lastTicksPerSample = ticksPerSample;
    }
    return moved ? Verdict.MOVED : Verdict.ADMITTED;
  }

  /** Packets in sequence that a source other than the latched one needs; 0 when it stays out. */
  private int probation(InetSocketAddress from, boolean continues, long nowNs) {
    if (!mayLatch(from.getAddress())) {
      return 0;
    }
    boolean isAnnounced = from.equals(announced);
    if (from.equals(former) && !isAnnounced) {
      return 0;
    }
    InetSocketAddress current = latched;
    if (current == null) {
      return isAnnounced ? 1 : PROBATION;
    }
    boolean isSilent = nowNs - lastPacketNs >= relatchAfterNs;
    if (isHostOf(from.getAddress(), current)) {
      return continues ? 1 : isAnnounced ? PROBATION : isSilent ? LONG_PROBATION : 0;
    }
    if (isAnnounced) {
      return PROBATION;
    }
    boolean isAtAnnouncedHost = isHostOf(current.getAddress(), announced);
    return !isAtAnnouncedHost && isSilent && continues ? LONG_PROBATION : 0;
  }

  /** Another clock's timestamps cannot be compared: what changes it does not continue. */
  private boolean continues(
      long ssrc, int sequenceNumber, long timestamp, int ticksPerSample, long nowNs) {
    int gap = (short) (sequenceNumber - lastSequenceNumber);
    long samples = (int) (timestamp - lastTimestamp) / ticksPerSample;
    long elapsedSamples = (nowNs - lastPacketNs) / NS_PER_SAMPLE;
    return ssrc == lastSsrc
        && ticksPerSample == lastTicksPerSample
        && gap >= -MAX_MISORDER
        && gap <= MAX_DROPOUT
        && Math.abs(samples) <= elapsedSamples + CLOCK_TOLERANCE_SAMPLES
        && (gap < 0 || samples >= 0);
  }

  private boolean isAhead(long ssrc, int sequenceNumber) {
    return ssrc == lastSsrc && (short) (sequenceNumber - lastSequenceNumber) > 0;
  }

  private boolean passes(InetSocketAddress from, long ssrc, int sequenceNumber, int needed) {
    if (!from.equals(candidate) || ssrc != candidateSsrc) {
      candidate = from;
      candidateSsrc = ssrc;
      probation = new SourceValidator(needed);
    }
    return probation.update(sequenceNumber) != SourceValidator.Verdict.PROBATION;
  }
}
