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
 * Sends packets at the negotiated packet time while the direction allows it: of silence, or of an
 * announcement, which waits while nothing may be sent and goes on where it was.
 *
 * <p>The timestamp follows the clock while nothing may be sent, so that the peer's jitter buffer
 * sees a pause and no jump; the first packet after it has the marker bit (RFC 3551 §4.1).
 *
 * <p>Thread: the session's event loop.
 */
final class RtpSender {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int NS_PER_SAMPLE = 125_000;
  private static final int MAX_PACKETS_BEHIND = 5;

  private final RtpMetrics metrics;
  private final RtpProtection protection;
  private long ssrc = RANDOM.nextInt() & 0xFFFF_FFFFL;
  private byte[] silence = {};
  private int sequenceNumber = RANDOM.nextInt(1 << 15);
  private long timestamp = RANDOM.nextInt() & 0xFFFF_FFFFL;
  private int payloadType;
  private int samples = 160;
  private int ticksPerSample = 1;
  private boolean allowed;
  private boolean talkSpurtBegins = true;
  private AudioCodec codec = AudioCodec.PCMU;
  private @Nullable Announcement announcement;
  private Runnable onBegun = () -> {};
  private Runnable onPlayed = () -> {};
  private int playedSamples;
  private long dueNs;
  private long packets;
  private long octets;

  RtpSender(RtpMetrics metrics, RtpProtection protection) {
    this.protection = protection;
    this.metrics = metrics;
  }

  void negotiated(NegotiatedMedia media) {
    payloadType = media.payloadType();
    samples = (int) media.packetTime().toMillis() * (AudioCodec.SAMPLE_RATE_HZ / 1000);
    codec = media.codec();
    ticksPerSample = codec.ticksPerSample();
    allowed = media.direction().sends();
    silence = codec.silence(samples);
  }

  void start(long nowNs) {
    dueNs = nowNs;
  }

  /**
   * Plays an announcement once, instead of silence.
   *
   * @param begun run when its first packet is sent
   * @param played run when the time of its last packet is over
   */
  void play(Announcement toPlay, Runnable begun, Runnable played) {
    announcement = toPlay;
    onBegun = begun;
    onPlayed = played;
    playedSamples = 0;
  }

  /** The payload that is due next. */
  private byte[] next() {
    Announcement playing = announcement;
    byte[] payload =
        playing == null ? null : playing.payload(codec, playedSamples, samples).orElse(null);
    if (payload == null) {
      return silence;
    }
    if (playedSamples == 0) {
      talkSpurtBegins = true;
      onBegun.run();
    }
    playedSamples += samples;
    return payload;
  }

  private void endAnnouncement() {
    if (announcement != null && playedSamples >= announcement.samples()) {
      announcement = null;
      onPlayed.run();
    }
  }

  /**
   * Sends the packets that are due.
   *
   * @param isHeard whether an announcement may begin: the peer is where the packets go
   */
  void send(Channel channel, @Nullable InetSocketAddress to, boolean isHeard, long nowNs) {
    long packetNs = (long) samples * NS_PER_SAMPLE;
    if (nowNs - dueNs > MAX_PACKETS_BEHIND * packetNs) {
      // After a stall of this machine the overdue packets are skipped, not sent in a burst.
      long skipped = (nowNs - dueNs) / packetNs;
      dueNs += skipped * packetNs;
      timestamp += skipped * samples * ticksPerSample;
    }
    while (nowNs - dueNs >= 0) {
      dueNs += packetNs;
      endAnnouncement();
      if (allowed && to != null) {
        byte[] payload = isHeard ? next() : silence;
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
