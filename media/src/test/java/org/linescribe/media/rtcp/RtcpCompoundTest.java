package org.linescribe.media.rtcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.media.rtcp.RtcpPacket.App;
import org.linescribe.media.rtcp.RtcpPacket.Bye;
import org.linescribe.media.rtcp.RtcpPacket.Other;
import org.linescribe.media.rtcp.RtcpPacket.ReceiverReport;
import org.linescribe.media.rtcp.RtcpPacket.SenderReport;
import org.linescribe.media.rtcp.RtcpPacket.SourceDescription;
import org.linescribe.media.rtcp.RtcpPacket.SourceDescription.Chunk;
import org.linescribe.media.rtcp.RtcpPacket.SourceDescription.Item;

final class RtcpCompoundTest {
  private static final ReportBlock BLOCK =
      new ReportBlock(0xFFFF_FFFFL, 255, -3, 0x1_2345L, 77, 0x8000_0000L, 65_536);

  @Test
  void readsAReceiverReportWithNameAndBye() {
    ByteBuf datagram =
        hex(
            "81C90007 11111111 22222222 40FFFFFD 00010005 00000009 AABBCCDD 00010000"
                + "81CA0004 11111111 01056140622E63 0000 000000"
                + "81CB0003 11111111 06 6C6561766573 00");

    RtcpCompound compound = RtcpCompound.parse(datagram);

    assertThat(compound.defect()).isEqualTo(RtcpDefect.NONE);
    assertThat(compound.packets())
        .containsExactly(
            new ReceiverReport(
                0x1111_1111L,
                List.of(
                    new ReportBlock(0x2222_2222L, 64, -3, 0x1_0005L, 9, 0xAABB_CCDDL, 0x1_0000L))),
            SourceDescription.cname(0x1111_1111L, "a@b.c"),
            new Bye(List.of(0x1111_1111L), "leaves"));
    assertThat(datagram.readerIndex()).isZero();
  }

  @Test
  void writesASenderReportBitForBit() {
    ByteBuf dst = Unpooled.buffer();

    RtcpCompound.write(
        dst,
        List.of(
            new SenderReport(1, 0x0102_0304_0506_0708L, 2, 3, 4, List.of()),
            SourceDescription.cname(1, "ab")));

    assertThat(ByteBufUtil.hexDump(dst))
        .isEqualTo(
            "80c800060000000101020304050607080000000200000003"
                + "0000000481ca0003000000010102616200000000");
  }

  @ParameterizedTest
  @CsvSource({
    "'', TOO_SHORT",
    "80C9, TOO_SHORT",
    "40C90001 00000001, BAD_VERSION",
    "80C90001 00000001 00CA0000, BAD_VERSION",
    "80000001 00000001, NOT_RTCP",
    "80C90001 00000001 80E00000, NOT_RTCP",
    "80CA0000, BAD_FIRST_PACKET",
    "80CB0000 80C90001 00000001, BAD_FIRST_PACKET",
    "80C90002 00000001, LENGTH_BEYOND_END",
    "80C90001 00000001 80CAFFFF, LENGTH_BEYOND_END",
    "80C90001 00000001 80, TOO_SHORT",
    "A0C90002 00000001 00000000, BAD_PADDING",
    "A0C90002 00000001 00000003, BAD_PADDING",
    "A0C90002 00000001 0000000C, BAD_PADDING",
    "A0C90002 00000001 00000004 80CA0000, BAD_PADDING",
    "A0C90002 00000001 00000004, NONE",
    "80C90000, BODY_TOO_SHORT",
    "81C90001 00000001, BODY_TOO_SHORT",
    "81C80006 00000001 0000000000000000 00000000 00000000 00000000, BODY_TOO_SHORT",
    "80C90001 00000001 81CA0001 00000001, BODY_TOO_SHORT",
    "80C90001 00000001 81CA0002 00000001 01FF6162, BODY_TOO_SHORT",
    "80C90001 00000001 81CA0002 00000001 01026162, BODY_TOO_SHORT",
    "80C90001 00000001 82CB0001 00000001, BODY_TOO_SHORT",
    "80C90001 00000001 81CB0002 00000001 FF616263, BODY_TOO_SHORT",
    "80C90001 00000001 80CC0001 00000001, BODY_TOO_SHORT"
  })
  void namesWhatIsWrongAndThenKeepsNothing(String bytes, RtcpDefect defect) {
    RtcpCompound compound = RtcpCompound.parse(hex(bytes));

    assertThat(compound.defect()).isEqualTo(defect);
    assertThat(compound.packets().isEmpty()).isEqualTo(defect != RtcpDefect.NONE);
  }

  @Test
  void skipsTypesThatItDoesNotRead() {
    RtcpCompound compound =
        RtcpCompound.parse(hex("80C90001 00000001 81CD0002 00000001 00000002 80CF0001 00000001"));

    assertThat(compound.packets())
        .containsExactly(new ReceiverReport(1, List.of()), new Other(205, 1), new Other(207, 0));
  }

  @Test
  void readsWhatItWrites() {
    long seed = 64;
    Random random = new Random(seed);
    for (int round = 0; round < 3000; round++) {
      List<RtcpPacket> packets = randomCompound(random);
      ByteBuf dst = Unpooled.buffer().writeZero(1).readerIndex(1);
      RtcpCompound.write(dst, packets);

      RtcpCompound compound = RtcpCompound.parse(dst);

      assertThat(dst.readableBytes() % 4).isZero();
      assertThat(compound.defect()).as("seed %d, round %d", seed, round).isEqualTo(RtcpDefect.NONE);
      assertThat(compound.packets()).as("seed %d, round %d", seed, round).isEqualTo(packets);
    }
  }

  @Test
  void neverThrowsOnBytesFromTheWire() {
    long seed = 65;
    Random random = new Random(seed);
    Set<RtcpDefect> seen = EnumSet.noneOf(RtcpDefect.class);
    for (int round = 0; round < 100_000; round++) {
      byte[] noise;
      if (random.nextInt(3) == 0) {
        noise = new byte[random.nextInt(60)];
        random.nextBytes(noise);
      } else {
        ByteBuf valid = Unpooled.buffer();
        RtcpCompound.write(valid, randomCompound(random));
        noise = ByteBufUtil.getBytes(valid, 0, random.nextInt(valid.readableBytes() + 1));
        for (int flips = random.nextInt(4); flips > 0 && noise.length > 0; flips--) {
          noise[random.nextInt(noise.length)] = (byte) random.nextInt(256);
        }
      }
      RtcpCompound compound = RtcpCompound.parse(Unpooled.wrappedBuffer(noise));
      seen.add(compound.defect());
    }
    assertThat(seen).as("every defect occurs, seed %d", seed).containsExactly(RtcpDefect.values());
  }

  @Test
  void cutsTextsThatAreTooLongBetweenCharacters() {
    ByteBuf dst = Unpooled.buffer();
    RtcpCompound.write(
        dst, List.of(new ReceiverReport(1, List.of()), new Bye(List.of(1L), "é".repeat(200))));

    assertThat(RtcpCompound.parse(dst).packets().getLast())
        .isEqualTo(new Bye(List.of(1L), "é".repeat(127)));
  }

  @Test
  void refusesToWriteACompoundThatBeginsWithoutAReport() {
    ByteBuf dst = Unpooled.buffer();
    assertThatIllegalArgumentException().isThrownBy(() -> RtcpCompound.write(dst, List.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RtcpCompound.write(dst, List.of(new Bye(List.of(1L), ""))));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ReceiverReport(1L << 32, List.of()))
        .withMessageContaining("ssrc: 4294967296");
  }

  private static List<RtcpPacket> randomCompound(Random random) {
    List<RtcpPacket> packets = new ArrayList<>();
    List<ReportBlock> blocks = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      blocks.add(BLOCK);
    }
    long ssrc = random.nextLong(1L << 32);
    packets.add(
        random.nextBoolean()
            ? new ReceiverReport(ssrc, blocks)
            : new SenderReport(ssrc, random.nextLong(), 1, 2, 0xFFFF_FFFFL, blocks));
    for (int i = random.nextInt(4); i > 0; i--) {
      packets.add(
          switch (random.nextInt(4)) {
            case 0 -> new Bye(List.of(ssrc, 5L), "r".repeat(random.nextInt(9)));
            case 1 -> new App(random.nextInt(32), ssrc, "TEST", new byte[4 * random.nextInt(5)]);
            case 2 -> new Bye(List.of(), "");
            default ->
                new SourceDescription(
                    List.of(
                        new Chunk(
                            ssrc,
                            List.of(
                                new Item(1, "ü".repeat(random.nextInt(20))),
                                new Item(6, "t".repeat(random.nextInt(6))))),
                        new Chunk(9, List.of())));
          });
    }
    return packets;
  }

  private static ByteBuf hex(String text) {
    return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(text.replace(" ", "")));
  }
}
