package org.linescribe.gateway.rtp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.ice.IceSession;
import org.linescribe.gateway.ice.StunBinding;
import org.linescribe.gateway.rtp.RtpMetrics.MediaDefect;

/**
 * Answers the connectivity checks of a session's peer, whose nominated pair of addresses is the
 * source's from then on.
 *
 * <p>A peer may nominate several pairs: the one of the highest priority counts (RFC 8445 §8.1.2). A
 * pair of no higher priority replaces it when the peer has ceased to nominate the other one for a
 * second, as it does when it moves to another network. So a peer that nominates two in turn does
 * not move the media each time. A request that is sent again from another address, which its
 * integrity does not cover, nominates nothing.
 *
 * <p>Thread: the session's event loop. Source: RFC 8445 §2.5, §7.3, §8.1.2.
 */
final class ConnectivityChecks {
  /** Longer than checks of a pair that is being decided on are apart, shorter than keepalives. */
  private static final long ABANDONED_NS = 1_000_000_000L;

  private static final int REMEMBERED = 256;

  private final RtpMetrics metrics;
  private final RtpSource source;
  private final RtpProtection protection;
  private @Nullable IceSession ice;
  private @Nullable InetSocketAddress nominated;
  private long nominatedPriority;
  private long nominatedNs;

  /** Where the newest requests came from first, by their transactions. */
  private final Map<ByteBuffer, InetSocketAddress> origins =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, InetSocketAddress> eldest) {
          return size() > REMEMBERED;
        }
      };

  ConnectivityChecks(RtpMetrics metrics, RtpSource source, RtpProtection protection) {
    this.metrics = metrics;
    this.source = source;
    this.protection = protection;
  }

  void negotiated(Optional<IceSession> agreed) {
    IceSession now = agreed.orElse(null);
    if (!Objects.equals(now, ice)) {
      // A restart (RFC 8445 §9): which pair counted before does not matter any more.
      nominatedPriority = -1;
      origins.clear();
    }
    ice = now;
  }

  /** Whether the peer's checks chose its address, and what its descriptions say does not count. */
  boolean choseAddress() {
    return ice != null && nominated != null;
  }

  /** Whether this is a check, which is answered; a bad one is dropped. */
  boolean takes(Channel channel, DatagramPacket datagram, boolean isRtcpPort, long nowNs) {
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
    if (!isFirstOf(check.get(), from)) {
      return true;
    }
    protection.reached(from, isRtcpPort);
    if (isRtcpPort) {
      return true;
    }
    if (check.get().nominates() && replaces(from, check.get().priority(), nowNs)) {
      nominated = from;
      nominatedPriority = check.get().priority();
      nominatedNs = nowNs;
      source.announce(from);
    }
    return true;
  }

  /** Whether nobody sent the request before from another address: else that is no proof of it. */
  private boolean isFirstOf(StunBinding check, InetSocketAddress from) {
    InetSocketAddress first = origins.putIfAbsent(check.transaction(), from);
    return first == null || first.equals(from);
  }

  private boolean replaces(InetSocketAddress from, long priority, long nowNs) {
    return nominated == null
        || from.equals(nominated)
        || priority > nominatedPriority
        || nowNs - nominatedNs >= ABANDONED_NS;
  }
}
