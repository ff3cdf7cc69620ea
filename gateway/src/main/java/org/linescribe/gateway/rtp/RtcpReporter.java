package org.linescribe.gateway.rtp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.rtp.RtpMetrics.MediaDefect;
import org.linescribe.gateway.sdp.NegotiatedMedia;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.rtcp.NtpTime;
import org.linescribe.media.rtcp.ReceptionReporter;
import org.linescribe.media.rtcp.ReportBlock;
import org.linescribe.media.rtcp.RtcpCompound;
import org.linescribe.media.rtcp.RtcpDefect;
import org.linescribe.media.rtcp.RtcpPacket;
import org.linescribe.media.rtp.RtpPacket;

/**
 * Sends RTCP: SR or RR with SDES at intervals, and BYE at the end.
 *
 * <p>Reports go to the source of the peer's own RTCP once it comes from the media's host, until
 * then to the address in the SDP.
 *
 * <p>Thread: the session's event loop. Source: RFC 3550 §6, RFC 3605, RFC 5761.
 */
final class RtcpReporter {
  private static final int COMPOUND_BYTES = 256;

  private final RtpMetrics metrics;
  private final RtpProtection protection;
  private final RtpSender sender;
  private final Clock clock;
  private final long meanIntervalNs;
  private final SplittableRandom random = new SplittableRandom();
  private final String cname = UUID.randomUUID() + "@linescribe";
  private @Nullable ReceptionReporter reception;
  private long receptionSsrc;
  private int ticksPerSample = 1;
  private @Nullable InetSocketAddress announced;
  private @Nullable InetSocketAddress received;
  private boolean mux;
  private long dueNs;
  private long packetsBefore;

  RtcpReporter(
      RtpSettings settings,
      RtpMetrics metrics,
      RtpSender sender,
      RtpProtection protection,
      Clock clock) {
    this.protection = protection;
    this.metrics = metrics;
    this.sender = sender;
    this.clock = clock;
    this.meanIntervalNs = settings.rtcpInterval().toNanos();
  }

  /**
   * @param remote RTCP address in the SDP; null when it is not an IP address
   */
  void negotiated(NegotiatedMedia media, @Nullable InetSocketAddress remote) {
    mux = media.rtcpMux();
    ticksPerSample = media.codec().ticksPerSample();
    announced = remote;
    received = null;
  }

  void start(long nowNs) {
    // RFC 3550 §6.2: the first report is sent after half the interval.
    dueNs = nowNs + spread(meanIntervalNs / 2);
  }

  /** An admitted RTP packet. */
  void received(RtpPacket packet, long nowNs) {
    if (reception == null || packet.ssrc() != receptionSsrc) {
      receptionSsrc = packet.ssrc();
      reception = new ReceptionReporter(receptionSsrc, AudioCodec.SAMPLE_RATE_HZ, 1);
    }
    reception.onPacket(packet, nowNs);
  }

  /** A datagram from the peer's host. */
  void onDatagram(ByteBuf datagram, InetSocketAddress from, long nowNs) {
    RtcpCompound compound = RtcpCompound.parse(datagram);
    if (compound.defect() != RtcpDefect.NONE) {
      metrics.defect(MediaDefect.BAD_RTCP);
      return;
    }
    received = from;
    for (RtcpPacket packet : compound.packets()) {
      // A BYE does not end the call: SIP does, and the source may only have changed its SSRC.
      if (packet instanceof RtcpPacket.SenderReport report
          && reception != null
          && report.ssrc() == receptionSsrc) {
        reception.onSenderReport(report, nowNs);
      }
    }
  }

  boolean isDue(long nowNs) {
    return nowNs - dueNs >= 0;
  }

  void report(Channel rtp, Channel rtcp, RtpSource source, long nowNs) {
    dueNs = nowNs + spread(meanIntervalNs);
    send(rtp, rtcp, source, List.of(state(nowNs), identity()));
  }

  /** Our SSRC changed: packet counts start again. */
  void ssrcChanged() {
    packetsBefore = 0;
  }

  void bye(Channel rtp, Channel rtcp, RtpSource source, long nowNs) {
    RtcpPacket bye = new RtcpPacket.Bye(List.of(sender.ssrc()), "");
    send(rtp, rtcp, source, List.of(state(nowNs), identity(), bye));
  }

  private RtcpPacket state(long nowNs) {
    List<ReportBlock> blocks =
        reception == null || !reception.isValid()
            ? List.of()
            : List.of(reception.report(nowNs).inTicks(ticksPerSample));
    boolean hasSent = sender.packets() != packetsBefore;
    packetsBefore = sender.packets();
    return hasSent
        ? new RtcpPacket.SenderReport(
            sender.ssrc(),
            NtpTime.of(clock.instant()),
            sender.timestampAt(nowNs),
            sender.packets() & 0xFFFF_FFFFL,
            sender.octets() & 0xFFFF_FFFFL,
            blocks)
        : new RtcpPacket.ReceiverReport(sender.ssrc(), blocks);
  }

  private RtcpPacket identity() {
    return RtcpPacket.SourceDescription.cname(sender.ssrc(), cname);
  }

  private void send(Channel rtp, Channel rtcp, RtpSource source, List<RtcpPacket> packets) {
    InetSocketAddress to = mux ? source.target() : received != null ? received : announced;
    if (to == null) {
      return;
    }
    Channel channel = mux ? rtp : rtcp;
    ByteBuf datagram = channel.alloc().buffer(COMPOUND_BYTES);
    RtcpCompound.write(datagram, packets);
    if (!protection.protectRtcp(datagram)) {
      datagram.release();
      return;
    }
    channel.writeAndFlush(new DatagramPacket(datagram, to));
  }

  /** RFC 3550 §6.3.1: randomised by ±50 % against synchronisation of sessions. */
  private long spread(long meanNs) {
    return (long) (meanNs * random.nextDouble(0.5, 1.5));
  }

  double jitterMs() {
    return reception == null ? 0 : reception.jitterMs();
  }
}
