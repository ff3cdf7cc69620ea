package org.linescribe.gateway.rtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.dtls.DtlsHandshake;
import org.linescribe.gateway.dtls.DtlsIdentity;
import org.linescribe.gateway.rtp.RtpMetrics.MediaDefect;
import org.linescribe.gateway.sdp.MediaProtection;
import org.linescribe.gateway.srtp.SrtpKeys;
import org.linescribe.gateway.srtp.SrtpSession;

/**
 * The protection of a session's packets, as it was negotiated: none, keys from SDP, or keys from a
 * DTLS handshake on each of its two ports (on the RTP port only with rtcp-mux).
 *
 * <p>Where protection was negotiated, nothing is sent and nothing that comes is used before the
 * keys are known.
 *
 * <p>Thread: the session's event loop. Source: RFC 5764 §5.1.2.
 */
final class RtpProtection {
  private final EventLoop loop;
  private final RtpMetrics metrics;
  private final DtlsIdentity identity;
  private MediaProtection agreed = new MediaProtection.Plain();
  private boolean awaitsAnswer;
  private boolean mux;
  private final Component rtp = new Component();
  private final Component rtcp = new Component();
  private boolean closed;

  RtpProtection(EventLoop loop, RtpMetrics metrics, DtlsIdentity identity) {
    this.loop = loop;
    this.metrics = metrics;
    this.identity = identity;
  }

  /** One of the two ports. */
  private static final class Component {
    @Nullable SrtpSession session;
    @Nullable DtlsHandshake handshake;

    /** Whom the handshake is with: the sender of its last datagram. */
    @Nullable InetSocketAddress peer;

    void reset() {
      if (handshake != null) {
        handshake.close();
      }
      handshake = null;
      session = null;
      peer = null;
    }
  }

  /** Our offer may be answered with keys: what comes before cannot be told from noise. */
  void awaitAnswer() {
    awaitsAnswer = true;
  }

  /**
   * Applies a negotiation; one that changes no key or certificate changes nothing here.
   *
   * @param mux whether RTCP comes by the RTP port
   * @param rtpRemote where we begin a handshake, as client; null when unknown
   */
  void negotiated(
      MediaProtection protection,
      boolean mux,
      Channel rtpChannel,
      Channel rtcpChannel,
      @Nullable InetSocketAddress rtpRemote,
      @Nullable InetSocketAddress rtcpRemote) {
    awaitsAnswer = false;
    if (protection.equals(agreed) && this.mux == mux) {
      return;
    }
    agreed = protection;
    this.mux = mux;
    switch (protection) {
      case MediaProtection.Plain plain -> {
        rtp.reset();
        rtcp.reset();
      }
      case MediaProtection.Sdes sdes -> {
        rtp.reset();
        rtcp.reset();
        rtp.session = new SrtpSession(sdes.keys());
        rtcp.session = rtp.session;
      }
      case MediaProtection.Dtls dtls -> {
        begin(rtp, dtls, rtpChannel, rtpRemote);
        if (!mux) {
          begin(rtcp, dtls, rtcpChannel, rtcpRemote);
        }
      }
    }
  }

  private void begin(
      Component component,
      MediaProtection.Dtls dtls,
      Channel channel,
      @Nullable InetSocketAddress remote) {
    component.reset();
    component.peer = remote;
    component.handshake =
        DtlsHandshake.begin(
            identity,
            dtls.theirs(),
            dtls.isClient(),
            datagram -> run(() -> send(component, channel, datagram)),
            keys -> run(() -> agreed(component, dtls, keys)));
  }

  private void run(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      // The gateway is closed.
    }
  }

  private static void send(Component component, Channel channel, byte[] datagram) {
    if (component.peer != null && channel.isActive()) {
      channel.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(datagram), component.peer));
    }
  }

  private void agreed(Component component, MediaProtection.Dtls of, SrtpKeys keys) {
    if (!closed && of.equals(agreed)) {
      component.session = new SrtpSession(keys);
    }
  }

  /** A check of the peer came from there: a handshake that we begin goes to it. */
  void reached(InetSocketAddress from, boolean isRtcpPort) {
    Component component = component(isRtcpPort);
    if (component.session == null) {
      component.peer = from;
    }
  }

  /** Whether this is a datagram of a handshake that was agreed on. */
  boolean awaitsHandshake(ByteBuf datagram, boolean isRtcpPort) {
    return datagram.isReadable()
        && DtlsHandshake.isDtls(datagram.getUnsignedByte(datagram.readerIndex()))
        && component(isRtcpPort).handshake != null;
  }

  /** A datagram that {@link #awaitsHandshake}. */
  void handshake(ByteBuf datagram, InetSocketAddress from, boolean isRtcpPort) {
    Component component = component(isRtcpPort);
    if (component.session == null) {
      component.peer = from;
    }
    Objects.requireNonNull(component.handshake).receive(ByteBufUtil.getBytes(datagram));
  }

  private Component component(boolean isRtcpPort) {
    return isRtcpPort && !mux ? rtcp : rtp;
  }

  /** Whether packets may be sent. */
  boolean isReady() {
    return !awaitsAnswer && (agreed instanceof MediaProtection.Plain || rtp.session != null);
  }

  /** Opens a received RTP packet; false when it is to be dropped. */
  boolean opensRtp(ByteBuf datagram) {
    return opens(rtp.session, datagram, false);
  }

  /** Opens a received RTCP packet; false when it is to be dropped. */
  boolean opensRtcp(ByteBuf datagram) {
    return opens(rtcpSession(), datagram, true);
  }

  private @Nullable SrtpSession rtcpSession() {
    return mux ? rtp.session : rtcp.session;
  }

  private boolean opens(@Nullable SrtpSession session, ByteBuf datagram, boolean isRtcp) {
    if (agreed instanceof MediaProtection.Plain && !awaitsAnswer) {
      return true;
    }
    if (session == null) {
      metrics.defect(MediaDefect.SRTP_NO_KEYS);
      return false;
    }
    return switch (isRtcp ? session.openRtcp(datagram) : session.openRtp(datagram)) {
      case OK -> true;
      case FORGED -> {
        metrics.defect(MediaDefect.SRTP_FORGED);
        yield false;
      }
      case REPLAYED -> {
        metrics.defect(MediaDefect.SRTP_REPLAYED);
        yield false;
      }
    };
  }

  /** Protects a packet that is sent; only when {@link #isReady}. */
  void protectRtp(ByteBuf packet) {
    if (!(agreed instanceof MediaProtection.Plain)) {
      Objects.requireNonNull(rtp.session).protectRtp(packet);
    }
  }

  /** Protects a report that is sent; false when its keys are not known yet. */
  boolean protectRtcp(ByteBuf packet) {
    if (agreed instanceof MediaProtection.Plain) {
      return true;
    }
    SrtpSession session = rtcpSession();
    if (session != null) {
      session.protectRtcp(packet);
    }
    return session != null;
  }

  void close() {
    closed = true;
    rtp.reset();
    rtcp.reset();
  }
}
