package org.linescribe.gateway.rtp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where a session's packets go, and whether they may: until the peer has confirmed the answer, or
 * media has come from the target, few are sent, and only to the host that signals. Otherwise one
 * INVITE with a victim's address in its SDP would direct a stream there.
 *
 * <p>Thread: the session's event loop.
 */
final class RtpDestination {
  /** Packets sent before the peer is confirmed: 0.5 s, the T1 of the 200's first repetition. */
  private static final int MAX_UNCONFIRMED_PACKETS = 25;

  /**
   * How long an announcement waits for the peer's first packet, which shows where a peer behind a
   * NAT is; one that sends nothing has to be where its SDP says.
   */
  private static final long FIRST_PACKET_PATIENCE_NS = 500_000_000;

  private final RtpSource source;
  private final RtpProtection protection;
  private final RtpSender sender;
  private @Nullable InetAddress signallingHost;
  private boolean confirmed;
  private long playFromNs;

  RtpDestination(RtpSource source, RtpProtection protection, RtpSender sender) {
    this.source = source;
    this.protection = protection;
    this.sender = sender;
  }

  /**
   * @param signalling host that sent the INVITE
   */
  void start(InetAddress signalling) {
    signallingHost = signalling;
  }

  /** The peer acknowledged the answer. */
  void confirm() {
    confirmed = true;
  }

  boolean isConfirmed() {
    return confirmed || source.latched() != null;
  }

  /** An announcement is to be played. */
  void play(long nowNs) {
    playFromNs = nowNs + FIRST_PACKET_PATIENCE_NS;
  }

  /** Whether an announcement may begin: the peer is where the packets go. */
  boolean isHeard(long nowNs) {
    return source.latched() != null || nowNs - playFromNs >= 0;
  }

  /** Null while nothing may be sent. */
  @Nullable InetSocketAddress address() {
    InetSocketAddress target = source.target();
    boolean isAllowed =
        protection.isReady()
            && (isConfirmed()
                || target != null
                    && target.getAddress().equals(signallingHost)
                    && sender.packets() < MAX_UNCONFIRMED_PACKETS);
    return isAllowed ? target : null;
  }
}
