package org.linescribe.gateway.call;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.linescribe.media.rtcp.NtpTime;
import org.linescribe.media.rtcp.RtcpCompound;
import org.linescribe.media.rtcp.RtcpPacket;

/** Messages that are nearly right, and some that are noise; the same for the same seed. */
final class Mutations {
  private static final List<String> METHODS =
      List.of("INVITE", "OPTIONS", "BYE", "CANCEL", "ACK", "UPDATE", "INFO", "XYZ");

  private final Random random;
  private final byte[] report;

  Mutations(long seed) {
    random = new Random(seed);
    ByteBuf compound = Unpooled.buffer();
    RtcpCompound.write(
        compound,
        List.of(
            new RtcpPacket.SenderReport(7, NtpTime.of(Instant.EPOCH), 160, 1, 160, List.of()),
            RtcpPacket.SourceDescription.cname(7, "peer@example.com")));
    report = Arrays.copyOf(compound.array(), compound.readableBytes());
  }

  /** A request with a changed byte, line or end. */
  byte[] sip(RawSipPeer peer) {
    String body = random.nextBoolean() ? peer.sdp() : "";
    String message = peer.request(METHODS.get(random.nextInt(METHODS.size())), "", body);
    return mutated(message.getBytes(StandardCharsets.UTF_8));
  }

  /** A good INVITE whose description is changed. */
  byte[] offer(RawSipPeer peer) {
    String offer =
        peer.sdp()
            + "a=rtpmap:96 opus/48000/2\r\n"
            + "a=fmtp:96 useinbandfec=1\r\n"
            + "a=rtcp-mux\r\n"
            + "a=crypto:1 AES_CM_128_HMAC_SHA1_80"
            + " inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n"
            + "a=ice-ufrag:AbCd\r\n"
            + "a=ice-pwd:0123456789012345678901\r\n"
            + "a=setup:actpass\r\n";
    String changed =
        new String(mutated(offer.getBytes(StandardCharsets.UTF_8)), StandardCharsets.ISO_8859_1);
    return peer.request("INVITE", "", changed).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** An RTP packet, or one that an SRTP session takes for forged. */
  byte[] rtp() {
    byte[] packet = new byte[172];
    random.nextBytes(packet);
    packet[0] = (byte) 0x80;
    packet[1] = (byte) (random.nextInt(8) == 0 ? random.nextInt(256) : 0);
    return mutated(packet);
  }

  byte[] rtcp() {
    return mutated(report);
  }

  /** A datagram that begins as STUN or DTLS does. */
  byte[] handshake() {
    byte[] message = new byte[20 + random.nextInt(300)];
    random.nextBytes(message);
    message[0] = (byte) (random.nextBoolean() ? 0 : 20 + random.nextInt(44));
    message[1] = 1;
    message[2] = 0;
    return message;
  }

  /** By chance one of: cut, some bytes changed, bytes put in, noise, a line repeated. */
  private byte[] mutated(byte[] good) {
    return switch (random.nextInt(5)) {
      case 0 -> Arrays.copyOf(good, random.nextInt(good.length));
      case 1 -> {
        byte[] message = good.clone();
        for (int i = 0; i < 1 + random.nextInt(20); i++) {
          message[random.nextInt(message.length)] = (byte) random.nextInt(256);
        }
        yield message;
      }
      case 2 -> {
        int at = random.nextInt(good.length);
        byte[] insert = new byte[random.nextInt(300)];
        Arrays.fill(insert, (byte) " \r\n;:,<>\"%@0A\0".charAt(random.nextInt(14)));
        byte[] message = Arrays.copyOf(good, good.length + insert.length);
        System.arraycopy(insert, 0, message, at, insert.length);
        System.arraycopy(good, at, message, at + insert.length, good.length - at);
        yield message;
      }
      case 3 -> {
        byte[] message = new byte[1 + random.nextInt(1400)];
        random.nextBytes(message);
        yield message;
      }
      default -> {
        String[] lines = new String(good, StandardCharsets.ISO_8859_1).split("\r\n");
        lines[random.nextInt(lines.length)] = lines[random.nextInt(lines.length)];
        yield (String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
      }
    };
  }
}
