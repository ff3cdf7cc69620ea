package org.linescribe.media.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RtpPacketTest {
  private final RtpPacket packet = new RtpPacket();

  @Test
  void readsAPlainPacket() {
    ByteBuf datagram = hex("80 88 FFFE 89ABCDEF DEADBEEF 01 02 03");

    assertThat(packet.parse(datagram)).isEqualTo(RtpDefect.NONE);

    assertThat(packet.marker()).isTrue();
    assertThat(packet.payloadType()).isEqualTo(8);
    assertThat(packet.sequenceNumber()).isEqualTo(0xFFFE);
    assertThat(packet.timestamp()).isEqualTo(0x89AB_CDEFL);
    assertThat(packet.ssrc()).isEqualTo(0xDEAD_BEEFL);
    assertThat(packet.csrcCount()).isZero();
    assertThat(packet.hasExtension()).isFalse();
    assertThat(packet.extensionProfile()).isZero();
    assertThat(packet.extension().isReadable()).isFalse();
    assertThat(ByteBufUtil.getBytes(packet.payload())).containsExactly(1, 2, 3);
    assertThat(datagram.readerIndex()).isZero();
  }

  @Test
  void readsSourcesExtensionAndPadding() {
    ByteBuf datagram =
        hex(
            "B2 00 0001 00000002 00000003 00000004 FFFFFFFF BEDE0002 1122334455667788 AABB"
                + " 000003");

    assertThat(packet.parse(datagram)).isEqualTo(RtpDefect.NONE);

    assertThat(packet.csrcCount()).isEqualTo(2);
    assertThat(packet.csrc(0)).isEqualTo(4);
    assertThat(packet.csrc(1)).isEqualTo(0xFFFF_FFFFL);
    assertThat(packet.extensionProfile()).isEqualTo(0xBEDE);
    assertThat(ByteBufUtil.hexDump(packet.extension())).isEqualTo("1122334455667788");
    assertThat(packet.paddingBytes()).isEqualTo(3);
    assertThat(ByteBufUtil.hexDump(packet.payload())).isEqualTo("aabb");
  }

  @ParameterizedTest
  @CsvSource({
    "'', TOO_SHORT",
    "80 00 0001 00000002 000000, TOO_SHORT",
    "00 01 0000 2112A442 0102030405060708090A0B0C, BAD_VERSION",
    "40 00 0001 00000002 00000003, BAD_VERSION",
    "80 C8 0001 00000002 00000003, RTCP",
    "81 C9 0001 00000002 00000003 00000003, RTCP",
    "81 00 0001 00000002 00000003, CSRC_BEYOND_END",
    "8F 00 0001 00000002 00000003 00000003, CSRC_BEYOND_END",
    "90 00 0001 00000002 00000003, EXTENSION_BEYOND_END",
    "90 00 0001 00000002 00000003 BEDE, EXTENSION_BEYOND_END",
    "90 00 0001 00000002 00000003 BEDE0001 112233, EXTENSION_BEYOND_END",
    "90 00 0001 00000002 00000003 BEDEFFFF 11223344, EXTENSION_BEYOND_END",
    "A0 00 0001 00000002 00000003, BAD_PADDING",
    "A0 00 0001 00000002 00000003 00, BAD_PADDING",
    "A0 00 0001 00000002 00000003 AA 03, BAD_PADDING",
    "A0 00 0001 00000002 00000003 0002, NONE",
    "80 00 0001 00000002 00000003, NONE",
    "90 00 0001 00000002 00000003 BEDE0000, NONE",
    "80 BF 0001 00000002 00000003, NONE",
    "80 E0 0001 00000002 00000003, NONE"
  })
  void namesWhatIsWrong(String bytes, RtpDefect defect) {
    assertThat(packet.parse(hex(bytes))).isEqualTo(defect);
  }

  @Test
  void readsWhatTheBuilderWrites() {
    long seed = 3550;
    Random random = new Random(seed);
    for (int round = 0; round < 2000; round++) {
      byte[] payload = bytes(random, random.nextInt(200));
      byte[] extension = bytes(random, 4 * random.nextInt(6));
      long[] csrcs = random.longs(random.nextInt(16), 0, 1L << 32).toArray();
      boolean extended = random.nextBoolean();
      int padding = random.nextBoolean() ? random.nextInt(256) : 0;
      int type = random.nextInt(64);
      int number = random.nextInt(1 << 16);
      long timestamp = random.nextLong(1L << 32);
      long ssrc = random.nextLong(1L << 32);
      boolean marker = random.nextBoolean();
      RtpPacketBuilder builder =
          new RtpPacketBuilder()
              .marker(marker)
              .payloadType(type)
              .sequenceNumber(number)
              .timestamp(timestamp)
              .ssrc(ssrc)
              .csrcs(csrcs)
              .payload(payload)
              .paddingBytes(padding);
      if (extended) {
        builder.extension(0x1000, extension);
      }
      ByteBuf datagram = Unpooled.buffer().writeZero(3).readerIndex(3);
      builder.writeTo(datagram);

      assertThat(packet.parse(datagram))
          .as("seed %d, round %d", seed, round)
          .isEqualTo(RtpDefect.NONE);
      assertThat(packet.marker()).isEqualTo(marker);
      assertThat(packet.payloadType()).isEqualTo(type);
      assertThat(packet.sequenceNumber()).isEqualTo(number);
      assertThat(packet.timestamp()).isEqualTo(timestamp);
      assertThat(packet.ssrc()).isEqualTo(ssrc);
      assertThat(packet.csrcCount()).isEqualTo(csrcs.length);
      for (int i = 0; i < csrcs.length; i++) {
        assertThat(packet.csrc(i)).isEqualTo(csrcs[i]);
      }
      assertThat(packet.hasExtension()).isEqualTo(extended);
      assertThat(packet.paddingBytes()).isEqualTo(padding);
      byte[] copy = new byte[payload.length];
      assertThat(packet.copyPayload(copy, 0)).isEqualTo(payload.length);
      assertThat(copy).isEqualTo(payload);
    }
  }

  @Test
  void writesTheOrdinaryFormAsTheBuilderDoes() {
    byte[] payload = {9, 8, 7, 6};
    ByteBuf plain = Unpooled.buffer();
    ByteBuf built = Unpooled.buffer();

    RtpPacket.write(plain, true, 8, 0x1FFFF, 0x1_0000_0001L, 7, payload, 1, 3);
    new RtpPacketBuilder()
        .marker(true)
        .payloadType(8)
        .sequenceNumber(0xFFFF)
        .timestamp(1)
        .ssrc(7)
        .payload(new byte[] {8, 7, 6})
        .writeTo(built);

    assertThat(ByteBufUtil.hexDump(plain)).isEqualTo(ByteBufUtil.hexDump(built));
  }

  @Test
  void refusesFieldsThatDoNotFit() {
    RtpPacketBuilder builder = new RtpPacketBuilder();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.payloadType(128))
        .withMessageContaining("payloadType: 128 (expected: 0..127)");
    assertThatIllegalArgumentException().isThrownBy(() -> builder.csrcs(new long[16]));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.extension(1, new byte[3]));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.paddingBytes(256));
  }

  @Test
  void neverThrowsOnBytesFromTheWire() {
    long seed = 20260;
    Random random = new Random(seed);
    int[] seen = new int[RtpDefect.values().length];
    for (int round = 0; round < 200_000; round++) {
      byte[] noise = bytes(random, random.nextInt(80));
      if (noise.length > 0 && random.nextInt(4) > 0) {
        noise[0] = (byte) (0x80 | noise[0] & 0x3F);
      }
      ByteBuf datagram = Unpooled.wrappedBuffer(noise);
      RtpDefect defect = packet.parse(datagram);
      seen[defect.ordinal()]++;
      if (defect == RtpDefect.NONE) {
        int total =
            RtpPacket.FIXED_HEADER_BYTES
                + 4 * packet.csrcCount()
                + (packet.hasExtension() ? 4 + packet.extension().readableBytes() : 0)
                + packet.payload().readableBytes()
                + packet.paddingBytes();
        assertThat(total).as("seed %d, round %d", seed, round).isEqualTo(noise.length);
      }
    }
    assertThat(seen).as("every defect occurs, seed %d", seed).doesNotContain(0);
  }

  static byte[] bytes(Random random, int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private static ByteBuf hex(String text) {
    return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(text.replace(" ", "")));
  }
}
