package org.linescribe.gateway.rtp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.rtp.RtpMetrics.MediaDefect;
import org.linescribe.media.jitter.JitterBuffer;
import org.linescribe.media.jitter.PayloadKind;
import org.linescribe.media.rtp.RtpDefect;
import org.linescribe.media.rtp.RtpPacket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What comes at a session's two ports: tells checks, handshakes, RTP and RTCP apart, opens what is
 * protected, drops what is not the peer's, and hands the rest to the jitter buffer and the reports.
 *
 * <p>Thread: the session's event loop. Source: RFC 7983 (by the first byte), RFC 5761.
 */
final class RtpReceiver {
  private static final Logger LOG = LoggerFactory.getLogger(RtpReceiver.class);

  private final RtpMetrics metrics;
  private final LongSupplier nanoClock;
  private final ConnectivityChecks checks;
  private final RtpProtection protection;
  private final PayloadTypes types;
  private final RtpSource source;
  private final MediaTimeout timeout;
  private final RtpSender sender;
  private final RtcpReporter reporter;
  private final JitterBuffer jitter;
  private final Consumer<RuntimeException> fail;
  private final RtpPacket packet = new RtpPacket();
  private @Nullable Channel rtp;
  private @Nullable Channel rtcp;
  private long lastPacketNs;
  private boolean started;
  private boolean ssrcChanged;
  private boolean closed;

  /**
   * @param timeout begins again with each packet of the peer
   * @param fail told of a bug of ours, which ends the session
   */
  RtpReceiver(
      RtpMetrics metrics,
      LongSupplier nanoClock,
      ConnectivityChecks checks,
      RtpProtection protection,
      PayloadTypes types,
      RtpSource source,
      MediaTimeout timeout,
      RtpSender sender,
      RtcpReporter reporter,
      JitterBuffer jitter,
      Consumer<RuntimeException> fail) {
    this.metrics = metrics;
    this.nanoClock = nanoClock;
    this.checks = checks;
    this.protection = protection;
    this.types = types;
    this.source = source;
    this.timeout = timeout;
    this.sender = sender;
    this.reporter = reporter;
    this.jitter = jitter;
    this.fail = fail;
  }

  void bound(Channel rtpChannel, Channel rtcpChannel) {
    rtp = rtpChannel;
    rtcp = rtcpChannel;
  }

  /** From now on packets belong to the session. */
  void start(long nowNs) {
    started = true;
    lastPacketNs = nowNs;
  }

  /** Drops everything from now on. */
  void close() {
    closed = true;
  }

  /** When the peer's last packet came, or the session started. */
  long lastPacketNs() {
    return lastPacketNs;
  }

  /** Of one of the two ports. */
  ChannelHandler handler(boolean isRtcp) {
    return new MediaDatagramHandler(isRtcp);
  }

  private void onRtp(ByteBuf datagram, InetSocketAddress from) {
    RtpDefect defect = packet.parse(datagram);
    if (defect == RtpDefect.RTCP) {
      onRtcp(datagram, from);
      return;
    }
    if (defect != RtpDefect.NONE) {
      metrics.defect(MediaDefect.NOT_RTP);
      return;
    }
    // Nobody knows the port before our SDP was sent: an earlier packet belongs to another call.
    if (!started) {
      metrics.defect(MediaDefect.FOREIGN_SOURCE);
      return;
    }
    if (!protection.opensRtp(datagram) || packet.parse(datagram) != RtpDefect.NONE) {
      return;
    }
    PayloadKind kind = types.map().kind(packet.payloadType());
    if (kind == PayloadKind.UNKNOWN) {
      metrics.defect(MediaDefect.UNKNOWN_PAYLOAD_TYPE);
      return;
    }
    long nowNs = nanoClock.getAsLong();
    switch (source.admit(from, packet, types.ticksPerSample(kind), nowNs)) {
      case FOREIGN -> {
        metrics.defect(MediaDefect.FOREIGN_SOURCE);
        return;
      }
      case MOVED -> metrics.sourceChanges.increment();
      case ADMITTED -> {}
    }
    types.rewrite(packet, kind);
    lastPacketNs = nowNs;
    timeout.begin(nowNs);
    if (packet.ssrc() == sender.ssrc()) {
      resolveSsrcCollision(nowNs);
    }
    if (kind != PayloadKind.TELEPHONE_EVENT) {
      reporter.received(packet, nowNs);
    }
    jitter.offer(packet, nowNs);
  }

  /**
   * Resolves an SSRC collision (RFC 3550 §8.2). Once only: a peer that collides again is looping
   * our own packets back.
   */
  private void resolveSsrcCollision(long nowNs) {
    if (!ssrcChanged) {
      ssrcChanged = true;
      reporter.bye(Objects.requireNonNull(rtp), Objects.requireNonNull(rtcp), source, nowNs);
      sender.changeSsrc();
      reporter.ssrcChanged();
    }
  }

  private void onRtcp(ByteBuf datagram, InetSocketAddress from) {
    if (!started || !source.isHost(from.getAddress())) {
      metrics.defect(MediaDefect.FOREIGN_SOURCE);
    } else if (protection.opensRtcp(datagram)) {
      reporter.onDatagram(datagram, from, nanoClock.getAsLong());
    }
  }

  private final class MediaDatagramHandler extends SimpleChannelInboundHandler<DatagramPacket> {
    private final boolean isRtcp;

    MediaDatagramHandler(boolean isRtcp) {
      this.isRtcp = isRtcp;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket datagram) {
      if (closed) {
        return;
      }
      try {
        if (checks.takes(ctx.channel(), datagram, isRtcp, nanoClock.getAsLong())
            || takesHandshake(datagram)) {
          return;
        }
        if (isRtcp) {
          onRtcp(datagram.content(), datagram.sender());
        } else {
          onRtp(datagram.content(), datagram.sender());
        }
      } catch (RuntimeException e) {
        fail.accept(e);
      }
    }

    private boolean takesHandshake(DatagramPacket datagram) {
      if (!protection.awaitsHandshake(datagram.content(), isRtcp)) {
        return false;
      }
      if (source.excludes(datagram.sender())) {
        metrics.defect(MediaDefect.FOREIGN_SOURCE);
      } else {
        protection.handshake(datagram.content(), datagram.sender(), isRtcp);
      }
      return true;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // An ICMP error of an earlier send (the peer's port is closed) does not end the session.
      LOG.trace("media socket: {}", cause.toString());
    }
  }
}
