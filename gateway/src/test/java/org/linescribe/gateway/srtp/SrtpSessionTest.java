package org.linescribe.gateway.srtp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.linescribe.gateway.srtp.SrtpSession.Opened;

/** Packets in both directions, and what a stranger may send. */
class SrtpSessionTest {
  private static SrtpSession[] pair(SrtpSuite suite) {
    SrtpKey one = SrtpKey.random(suite);
    SrtpKey other = SrtpKey.random(suite);
    return new SrtpSession[] {
      new SrtpSession(new SrtpKeys(one, other)), new SrtpSession(new SrtpKeys(other, one))
    };
  }

  private static ByteBuf rtp(int sequenceNumber, int ssrc) {
    ByteBuf packet = Unpooled.buffer(172, 2048);
    packet.writeByte(0x80).writeByte(0).writeShort(sequenceNumber).writeInt(sequenceNumber * 160);
    packet.writeInt(ssrc);
    for (int i = 0; i < 160; i++) {
      packet.writeByte(i * sequenceNumber);
    }
    return packet;
  }

  private static ByteBuf rtcp(int ssrc) {
    return Unpooled.buffer(8, 2048).writeByte(0x80).writeByte(201).writeShort(1).writeInt(ssrc);
  }

  @ParameterizedTest
  @EnumSource
  void opensWhatThePeerProtected(SrtpSuite suite) {
    SrtpSession[] pair = pair(suite);
    // Past the wrap of the sequence number, where the roll-over counter takes part.
    for (int number = 65_500; number < 65_600; number++) {
      ByteBuf packet = rtp(number & 0xFFFF, 7);
      byte[] clear = ByteBufUtil.getBytes(packet);
      pair[0].protectRtp(packet);
      assertThat(ByteBufUtil.getBytes(packet)).isNotEqualTo(clear);
      ByteBuf copy = packet.copy();

      assertThat(pair[1].openRtp(packet)).isEqualTo(Opened.OK);
      assertThat(ByteBufUtil.getBytes(packet)).isEqualTo(clear);
      assertThat(pair[1].openRtp(copy)).isEqualTo(Opened.REPLAYED);
    }
    ByteBuf report = rtcp(7);
    byte[] clear = ByteBufUtil.getBytes(report);
    pair[0].protectRtcp(report);
    ByteBuf copy = report.copy();

    assertThat(pair[1].openRtcp(report)).isEqualTo(Opened.OK);
    assertThat(ByteBufUtil.getBytes(report)).isEqualTo(clear);
    assertThat(pair[1].openRtcp(copy)).isEqualTo(Opened.REPLAYED);
  }

  /** Key, salt, header and result of RFC 3711 §B.3 give the keystream of §B.2. */
  @Test
  void encryptsByTheVectorOfTheRfc() {
    SrtpKey key =
        new SrtpKey(
            SrtpSuite.AES_CM_128_HMAC_SHA1_80,
            HexFormat.of()
                .parseHex("E1F97A0D3E018BE0D64FA32C06DE4139" + "0EC675AD498AFEEBB6960B3AABE6"));
    SrtpSession session = new SrtpSession(new SrtpKeys(key, key));
    // The packet of libsrtp's srtp_validate with the same key.
    ByteBuf packet =
        Unpooled.buffer(28, 64)
            .writeBytes(
                HexFormat.of()
                    .parseHex("800f1234decafbadcafebabe" + "abababababababababababababababab"));

    session.protectRtp(packet);

    assertThat(ByteBufUtil.hexDump(packet))
        .isEqualTo(
            "800f1234decafbadcafebabe"
                + "4e55dc4ce79978d88ca4d215949d2402"
                + "b78d6acc99ea179b8dbb");
  }

  @Test
  void refusesWhatWasChangedAndGoesOn() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    SrtpSession[] pair = pair(SrtpSuite.AES_CM_128_HMAC_SHA1_80);
    for (int number = 0; number < 2000; number++) {
      ByteBuf packet = rtp(number, 7);
      pair[0].protectRtp(packet);
      ByteBuf forged = packet.copy();
      int at = random.nextInt(forged.readableBytes());
      forged.setByte(at, forged.getByte(at) ^ (1 << random.nextInt(8)));
      if (random.nextBoolean()) {
        forged.writerIndex(random.nextInt(forged.readableBytes() + 1));
      }
      assertThat(pair[1].openRtp(forged)).as("seed %d", seed).isNotEqualTo(Opened.OK);
      ByteBuf rtcp = forged.copy();
      assertThat(pair[1].openRtcp(rtcp)).as("seed %d", seed).isNotEqualTo(Opened.OK);
      assertThat(pair[1].openRtp(packet)).as("seed %d", seed).isEqualTo(Opened.OK);
    }
  }

  @Test
  void knowsOnlyItsNewestSources() {
    SrtpSession[] pair = pair(SrtpSuite.AES_CM_128_HMAC_SHA1_80);
    for (int ssrc = 0; ssrc < 3 * SrtpSession.MAX_SOURCES; ssrc++) {
      ByteBuf packet = rtp(1, ssrc);
      pair[0].protectRtp(packet);
      assertThat(pair[1].openRtp(packet)).isEqualTo(Opened.OK);
    }
  }
}
