package org.linescribe.gateway.rtp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.sdp.NegotiatedMedia;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.rtp.InterarrivalJitter;
import org.linescribe.media.rtp.RtpPacket;

/** Reports. */
final class RtcpReporter {
  private final InterarrivalJitter jitter = new InterarrivalJitter(G711Law.SAMPLE_RATE_HZ);

  RtcpReporter(RtpSettings settings, RtpMetrics metrics, SilenceSender sender) {}

  void negotiated(NegotiatedMedia media, @Nullable InetSocketAddress remote) {}

  void start(long nowNs) {}

  void received(RtpPacket packet, long nowNs) {
    jitter.update(packet.timestamp(), nowNs);
  }

  boolean isDue(long nowNs) {
    return false;
  }

  void report(Channel rtp, Channel rtcp, RtpSource source, long nowNs) {}

  void bye(Channel rtp, Channel rtcp, RtpSource source) {}

  void onDatagram(ByteBuf datagram, InetSocketAddress from, long nowNs) {}

  double jitterMs() {
    return jitter.ms();
  }
}
