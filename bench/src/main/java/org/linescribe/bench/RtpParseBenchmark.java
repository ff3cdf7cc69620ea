package org.linescribe.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import org.linescribe.media.rtp.RtpDefect;
import org.linescribe.media.rtp.RtpPacket;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** An RTP packet of 20 ms: parsed and copied, against the copy alone. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RtpParseBenchmark {
  private static final int PAYLOAD_BYTES = 160;

  private final ByteBuf datagram =
      Unpooled.directBuffer().writeByte(0x80).writeByte(0).writeShort(7).writeInt(160).writeInt(9);
  private final RtpPacket packet = new RtpPacket();
  private final byte[] payload = new byte[PAYLOAD_BYTES];

  public RtpParseBenchmark() {
    datagram.writeZero(PAYLOAD_BYTES);
  }

  @Benchmark
  public int parseAndCopy() {
    RtpDefect defect = packet.parse(datagram);
    return packet.copyPayload(payload, 0) + defect.ordinal() + packet.sequenceNumber();
  }

  @Benchmark
  public byte[] baseline_copy() {
    datagram.getBytes(RtpPacket.FIXED_HEADER_BYTES, payload, 0, PAYLOAD_BYTES);
    return payload;
  }
}
