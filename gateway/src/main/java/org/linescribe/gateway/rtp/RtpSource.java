package org.linescribe.gateway.rtp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.linescribe.media.rtp.SourceValidator;

/**
 * Decides whose packets are the call's: symmetric RTP, and nobody steals a call.
 *
 * <ul>
 *   <li>The address that the SDP names is believed from its first packet.
 *   <li>While nothing is latched, another source is believed when two packets of one SSRC came in
 *       sequence (RFC 3550 §A.1): a peer behind a NAT. Not with {@link RtpSettings.Source#ADDRESS}.
 *   <li>While one is latched, packets of others are dropped. The address of the SDP may take over
 *       at once from one that is not (again after two in sequence); any other only when the latched
 *       one has been silent for {@code relatchAfter}, after five in sequence.
 *   <li>A renegotiation that changes the address begins anew; the first address of all does not,
 *       because the peer may have spoken before its answer to our offer came.
 * </ul>
 *
 * <p>Thread: the session's event loop.
 */
final class RtpSource {
  private static final int PROBATION = SourceValidator.DEFAULT_MIN_SEQUENTIAL;
  private static final int LONG_PROBATION = 5;

  private final boolean latches;
  private final long relatchAfterNs;
  private @Nullable InetSocketAddress announced;
  private @Nullable InetSocketAddress latched;
  private long lastPacketNs;
  private @Nullable InetSocketAddress candidate;
  private long candidateSsrc;
  private SourceValidator probation = new SourceValidator(PROBATION);

  RtpSource(RtpSettings settings) {
    this.latches = settings.source() == RtpSettings.Source.LATCH;
    this.relatchAfterNs = settings.relatchAfter().toNanos();
  }

  /** The address that the peer's SDP names; null when it is no IP address or has no port. */
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

  /** Where packets go: back where they come from, until then where the SDP says. */
  @Nullable InetSocketAddress target() {
    return latched == null ? announced : latched;
  }

  @Nullable InetSocketAddress latched() {
    return latched;
  }

  /** Whether RTCP from an address may belong to the call: by its host. */
  boolean isHost(InetAddress host) {
    InetSocketAddress target = target();
    return target != null && target.getAddress().equals(host);
  }

  /** Whether this packet is the call's. */
  boolean admit(InetSocketAddress from, long ssrc, int sequenceNumber, long nowNs) {
    if (from.equals(latched)) {
      lastPacketNs = nowNs;
      return true;
    }
    boolean isAnnounced = from.equals(announced);
    if (latched == null && isAnnounced) {
      latch(from, nowNs);
      return true;
    }
    boolean isHost = announced != null && from.getAddress().equals(announced.getAddress());
    if (!isAnnounced && !latches && !isHost) {
      return false;
    }
    boolean silent = latched != null && nowNs - lastPacketNs >= relatchAfterNs;
    boolean mayTake = latched == null || silent || (isAnnounced && !latched.equals(announced));
    if (!mayTake) {
      return false;
    }
    int needed = latched == null || isAnnounced ? PROBATION : LONG_PROBATION;
    if (!from.equals(candidate) || ssrc != candidateSsrc) {
      candidate = from;
      candidateSsrc = ssrc;
      probation = new SourceValidator(needed);
    }
    if (probation.update(sequenceNumber) == SourceValidator.Verdict.PROBATION) {
      return false;
    }
    latch(from, nowNs);
    return true;
  }

  private void latch(InetSocketAddress from, long nowNs) {
    latched = from;
    lastPacketNs = nowNs;
    candidate = null;
  }
}
