package org.linescribe.gateway.rtp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.sdp.NegotiatedMedia;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.rtp.RtpPacket;

/**
 * Sends packets of the idle code at the negotiated packet time, while the direction allows it.
 *
 * <p>The timestamp goes on with the clock while nothing may be sent, so that the peer's buffer sees
 * a pause and no jump; the first packet after it has the marker bit (RFC 3551 §4.1).
 *
 * <p>Thread: the session's event loop.
 */
final class SilenceSender {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int NS_PER_SAMPLE = 125_000;
  private static final int MOST_BEHIND = 5;

  private final RtpMetrics metrics;
  private long ssrc = RANDOM.nextInt() & 0xFFFF_FFFFL;
  private final byte[] payload = new byte[480];
  private int sequenceNumber = RANDOM.nextInt(1 << 15);
  private long timestamp = RANDOM.nextInt() & 0xFFFF_FFFFL;
  private int payloadType;
  private int samples = 160;
  private boolean allowed;
  private boolean talkSpurtBegins = true;
  private long dueNs;
  private long packets;
  private long octets;

  SilenceSender(RtpMetrics metrics) {
    this.metrics = metrics;
  }

  void negotiated(NegotiatedMedia media) {
    payloadType = media.payloadType();
    samples = (int) media.packetTime().toMillis() * (G711Law.SAMPLE_RATE_HZ / 1000);
    allowed = media.direction().sends();
    Arrays.fill(payload, (byte) media.law().idleCode());
  }

  void start(long nowNs) {
    dueNs = nowNs;
  }

  /** Sends what is due. */
  void send(Channel channel, @Nullable InetSocketAddress to, long nowNs) {
    long packetNs = (long) samples * NS_PER_SAMPLE;
    if (nowNs - dueNs > MOST_BEHIND * packetNs) {
      // After a pause of ours (a stopped machine) nobody wants the packets of the past.
      long skipped = (nowNs - dueNs) / packetNs;
      dueNs += skipped * packetNs;
      timestamp += skipped * samples;
    }
    while (nowNs - dueNs >= 0) {
      dueNs += packetNs;
      if (allowed && to != null) {
        ByteBuf datagram = channel.alloc().buffer(RtpPacket.FIXED_HEADER_BYTES + samples);
        RtpPacket.write(
            datagram,
            talkSpurtBegins,
            payloadType,
            sequenceNumber,
            timestamp,
            ssrc,
            payload,
            0,
            samples);
        channel.writeAndFlush(new DatagramPacket(datagram, to));
        metrics.sent.increment();
        sequenceNumber = (sequenceNumber + 1) & 0xFFFF;
        packets++;
        octets += samples;
        talkSpurtBegins = false;
      } else {
        talkSpurtBegins = true;
      }
      timestamp = (timestamp + samples) & 0xFFFF_FFFFL;
    }
  }

  /** Goes on as another source. */
  void changeSsrc() {
    ssrc = (ssrc + 1 + RANDOM.nextInt(Integer.MAX_VALUE)) & 0xFFFF_FFFFL;
    packets = 0;
    octets = 0;
    talkSpurtBegins = true;
  }

  long ssrc() {
    return ssrc;
  }

  /** RTP timestamp of an instant. */
  long timestampAt(long nowNs) {
    return (timestamp - (dueNs - nowNs) / NS_PER_SAMPLE) & 0xFFFF_FFFFL;
  }

  long packets() {
    return packets;
  }

  long octets() {
    return octets;
  }
}
