package org.linescribe.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.jitter.JitterBuffer;
import org.linescribe.media.jitter.JitterSettings;
import org.linescribe.media.jitter.JitterSink;
import org.linescribe.media.jitter.PayloadMap;
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

/** One packet of 20 ms through parser and jitter buffer, in order and with every pair swapped. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class JitterBufferBenchmark {
  private static final int SAMPLES = 160;
  private static final long PACKET_NS = 20_000_000L;

  private final RtpPacket packet = new RtpPacket();
  private final ByteBuf datagram = Unpooled.buffer(12 + SAMPLES);
  private final byte[] copied = new byte[SAMPLES];
  private final CountingSink sink = new CountingSink();
  private final JitterBuffer buffer =
      new JitterBuffer(JitterSettings.defaults(), PayloadMap.standard(101), sink);
  private long number;

  public JitterBufferBenchmark() {
    RtpPacket.write(datagram, false, 0, 0, 0, 1, new byte[SAMPLES], 0, SAMPLES);
  }

  @Benchmark
  public long packetInOrder() {
    offer(number, number * PACKET_NS);
    number++;
    return sink.samples;
  }

  /** Each second packet overtakes the one before it. */
  @Benchmark
  public long packetOvertaken() {
    offer(number ^ 1, number * PACKET_NS);
    number++;
    return sink.samples;
  }

  /** What cannot be saved: the header is read and the payload copied. */
  @Benchmark
  public long baseline_parseAndCopy() {
    stamp(number++);
    packet.parse(datagram);
    return packet.copyPayload(copied, 0) + packet.sequenceNumber();
  }

  private void offer(long sequence, long nowNs) {
    stamp(sequence);
    packet.parse(datagram);
    buffer.offer(packet, nowNs);
  }

  private void stamp(long sequence) {
    datagram.setShort(2, (int) sequence);
    datagram.setInt(4, (int) (sequence * SAMPLES));
  }

  private static final class CountingSink implements JitterSink {
    private long samples;

    @Override
    public void onAudio(AudioCodec codec, short[] pcm, int length) {
      samples += length;
    }

    @Override
    public void onSilence(long count) {
      samples += count;
    }
  }
}
