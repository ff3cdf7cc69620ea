package org.linescribe.gateway.rtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.ice.IceSession;
import org.linescribe.gateway.ice.StunBinding;
import org.linescribe.gateway.rtp.RtpMetrics.MediaDefect;

/**
 * Answers the connectivity checks of a session's peer, whose nominated pair of addresses is the
 * source's from then on.
 *
 * <p>Thread: the session's event loop. Source: RFC 8445 §2.5, §7.3.
 */
final class ConnectivityChecks {
  private final RtpMetrics metrics;
  private final RtpSource source;
  private final RtpProtection protection;
  private @Nullable IceSession ice;
  private boolean nominated;

  ConnectivityChecks(RtpMetrics metrics, RtpSource source, RtpProtection protection) {
    this.metrics = metrics;
    this.source = source;
    this.protection = protection;
  }

  void negotiated(Optional<IceSession> agreed) {
    ice = agreed.orElse(null);
  }

  /** Whether the peer's checks chose its address, and what its descriptions say does not count. */
  boolean choseAddress() {
    return ice != null && nominated;
  }

  /** Whether this is a check, which is answered; a bad one is dropped. */
  boolean takes(Channel channel, DatagramPacket datagram, boolean isRtcpPort) {
    IceSession agreed = ice;
    ByteBuf content = datagram.content();
    if (agreed == null
        || !content.isReadable()
        || !StunBinding.isStun(content.getUnsignedByte(content.readerIndex()))) {
      return false;
    }
    Optional<StunBinding> check = StunBinding.parse(ByteBufUtil.getBytes(content), agreed);
    if (check.isEmpty()) {
      metrics.defect(MediaDefect.BAD_STUN);
      return true;
    }
    InetSocketAddress from = datagram.sender();
    channel.writeAndFlush(
        new DatagramPacket(Unpooled.wrappedBuffer(check.get().success(from)), from));
    protection.reached(from, isRtcpPort);
    if (check.get().nominates() && !isRtcpPort) {
      nominated = true;
      source.announce(from);
    }
    return true;
  }
}
