package org.linescribe.gateway.rtp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.sdp.NegotiatedMedia;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.rtp.RtpPacket;

/**
 * Sends packets of silence at the negotiated packet time while the direction allows it.
 *
 * <p>The timestamp follows the clock while nothing may be sent, so that the peer's jitter buffer
 * sees a pause and no jump; the first packet after it has the marker bit (RFC 3551 §4.1).
 *
 * <p>Thread: the session's event loop.
 */
final class SilenceSender {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int NS_PER_SAMPLE = 125_000;
  private static final int MAX_PACKETS_BEHIND = 5;

  private final RtpMetrics metrics;
  private final RtpProtection protection;
  private long ssrc = RANDOM.nextInt() & 0xFFFF_FFFFL;
  private byte[] payload = {};
  private int sequenceNumber = RANDOM.nextInt(1 << 15);
  private long timestamp = RANDOM.nextInt() & 0xFFFF_FFFFL;
  private int payloadType;
  private int samples = 160;
  private int ticksPerSample = 1;
  private boolean allowed;
  private boolean talkSpurtBegins = true;
  private long dueNs;
  private long packets;
  private long octets;

  SilenceSender(RtpMetrics metrics, RtpProtection protection) {
    this.protection = protection;
    this.metrics = metrics;
  }

  void negotiated(NegotiatedMedia media) {
    payloadType = media.payloadType();
    samples = (int) media.packetTime().toMillis() * (AudioCodec.SAMPLE_RATE_HZ / 1000);
    ticksPerSample = media.codec().ticksPerSample();
    allowed = media.direction().sends();
    payload = media.codec().silence(samples);
  }

  void start(long nowNs) {
    dueNs = nowNs;
  }

  /** Sends the packets that are due. */
  void send(Channel channel, @Nullable InetSocketAddress to, long nowNs) {
    long packetNs = (long) samples * NS_PER_SAMPLE;
    if (nowNs - dueNs > MAX_PACKETS_BEHIND * packetNs) {
      // After a stall of this machine the overdue packets are skipped, not sent in a burst.
      long skipped = (nowNs - dueNs) / packetNs;
      dueNs += skipped * packetNs;
      timestamp += skipped * samples * ticksPerSample;
    }
    while (nowNs - dueNs >= 0) {
      dueNs += packetNs;
      if (allowed && to != null) {
        ByteBuf datagram = channel.alloc().buffer(RtpPacket.FIXED_HEADER_BYTES + payload.length);
        RtpPacket.write(
            datagram,
            talkSpurtBegins,
            payloadType,
            sequenceNumber,
            timestamp,
            ssrc,
            payload,
            0,
            payload.length);
        protection.protectRtp(datagram);
        channel.writeAndFlush(new DatagramPacket(datagram, to));
        metrics.sent.increment();
        sequenceNumber = (sequenceNumber + 1) & 0xFFFF;
        packets++;
        octets += payload.length;
        talkSpurtBegins = false;
      } else {
        talkSpurtBegins = true;
      }
      timestamp = (timestamp + (long) samples * ticksPerSample) & 0xFFFF_FFFFL;
    }
  }

  /** Continues with another SSRC. */
  void changeSsrc() {
    ssrc = (ssrc + 1 + RANDOM.nextInt(Integer.MAX_VALUE)) & 0xFFFF_FFFFL;
    packets = 0;
    octets = 0;
    talkSpurtBegins = true;
  }

  long ssrc() {
    return ssrc;
  }

  /** The RTP timestamp at a time. */
  long timestampAt(long nowNs) {
    return (timestamp - (dueNs - nowNs) / NS_PER_SAMPLE * ticksPerSample) & 0xFFFF_FFFFL;
  }

  long packets() {
    return packets;
  }

  long octets() {
    return octets;
  }
}
