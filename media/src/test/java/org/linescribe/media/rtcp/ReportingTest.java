package org.linescribe.media.rtcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.linescribe.media.rtp.RtpPacket;

final class ReportingTest {
  private static final long MS = 1_000_000L;

  @Test
  void ntpTimeOfTheUnixEpochIsTheOneThatEveryoneKnows() {
    assertThat(NtpTime.of(Instant.EPOCH)).isEqualTo(0x83AA_7E80_0000_0000L);
    assertThat(NtpTime.of(Instant.ofEpochSecond(0, 500_000_000))).isEqualTo(0x83AA_7E80_8000_0000L);
    assertThat(NtpTime.middle32(0x1234_5678_9ABC_DEF0L)).isEqualTo(0x5678_9ABCL);
  }

  @Test
  void ntpTimeComesBackToTheNanosecondIntoTheNextEra() {
    Random random = new Random(1);
    for (int round = 0; round < 10_000; round++) {
      Instant instant =
          Instant.ofEpochSecond(random.nextLong(0, 4_000_000_000L), random.nextInt(1_000_000_000));
      Instant back = NtpTime.toInstant(NtpTime.of(instant));
      assertThat(Duration.between(instant, back).abs()).isLessThanOrEqualTo(Duration.ofNanos(1));
    }
  }

  @Test
  void reportsLossJitterAndDelay() {
    ReceptionReporter reporter = new ReceptionReporter(7, 8000, 1);
    for (int number = 0; number < 100; number++) {
      if (number % 4 != 1) {
        reporter.onPacket(packet(number), 20 * MS * number);
      }
    }
    reporter.onSenderReport(
        new RtcpPacket.SenderReport(7, 0x1111_2222_3333_4444L, 0, 0, 0, List.of()), 5000 * MS);

    ReportBlock block = reporter.report(6500 * MS);

    assertThat(block.ssrc()).isEqualTo(7);
    assertThat(block.cumulativeLost()).isEqualTo(25);
    assertThat(block.fractionLost()).isEqualTo(64);
    assertThat(block.extendedHighestSequenceNumber()).isEqualTo(99);
    assertThat(block.jitterTicks()).isZero();
    assertThat(block.lastSenderReport()).isEqualTo(0x2222_3333L);
    assertThat(block.delaySinceLastSenderReport()).isEqualTo(98_304);
    assertThat(reporter.report(6500 * MS).fractionLost()).isZero();
    assertThat(reporter.isValid()).isTrue();
    assertThat(reporter.cumulativeLost()).isEqualTo(25);
  }

  @Test
  void aRestartedSourceIsReportedAfresh() {
    ReceptionReporter reporter = new ReceptionReporter(7, 8000, 1);
    reporter.onPacket(packet(0), 0);
    reporter.onPacket(packet(50), 20 * MS);
    assertThat(reporter.cumulativeLost()).isEqualTo(49);

    reporter.onPacket(packet(40_000), 40 * MS);
    reporter.onPacket(packet(40_001), 60 * MS);

    assertThat(reporter.cumulativeLost()).isZero();
    assertThat(reporter.report(0).delaySinceLastSenderReport()).isZero();
    assertThat(reporter.jitterMs()).isZero();
  }

  private static RtpPacket packet(int number) {
    ByteBuf datagram = Unpooled.buffer();
    RtpPacket.write(datagram, false, 0, number, 160L * number, 7, new byte[160], 0, 160);
    RtpPacket packet = new RtpPacket();
    packet.parse(datagram);
    return packet;
  }
}
