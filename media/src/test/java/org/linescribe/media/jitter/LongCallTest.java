package org.linescribe.media.jitter;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.codec.AudioEncoder;
import org.linescribe.media.dtmf.TelephoneEvent;
import org.linescribe.media.rtp.RtpDefect;
import org.linescribe.media.rtp.RtpPacket;
import org.linescribe.media.rtp.RtpPacketBuilder;

/**
 * An hour on a clock of its own: holds, changes of codec, bursts of lost packets, a new SSRC every
 * minute, jitter. Once a second one packet is loud; each of them stands where it was said.
 */
final class LongCallTest implements JitterSink {
  private static final long START_NS = 5_000_000_000L;
  private static final int FRAME = 160;
  private static final long FRAME_NS = 20_000_000;
  private static final int FRAMES = 180_000;
  private static final int MINUTE_FRAMES = 3000;
  private static final long JITTER_NS = 15_000_000;
  private static final int LOUD = 8000;

  private final JitterBuffer buffer =
      new JitterBuffer(
          JitterSettings.defaults(),
          new PayloadMap(Map.of(0, PayloadKind.PCMU, 8, PayloadKind.PCMA, 9, PayloadKind.G722)),
          this);
  private final RtpPacket view = new RtpPacket();
  private long position;
  private long lastLoud = Long.MIN_VALUE / 2;
  private int found;
  private long earliest = Long.MAX_VALUE;
  private long latest = Long.MIN_VALUE;

  private record Datagram(long arrivalNs, ByteBuf bytes) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void standsWhereItWasSaid(long seed) {
    Random random = new Random(seed);
    PriorityQueue<Datagram> line =
        new PriorityQueue<>(Comparator.comparingLong(Datagram::arrivalNs));
    AudioCodec codec = AudioCodec.PCMU;
    AudioEncoder encoder = codec.newEncoder();
    long ssrc = random.nextInt() & 0xFFFF_FFFFL;
    int sequence = random.nextInt(65_536);
    int ticks = random.nextInt();
    int said = 0;
    buffer.begin(START_NS);
    for (int frame = 0; frame < FRAMES; frame++) {
      int within = frame % MINUTE_FRAMES;
      if (within % 750 == 400) {
        codec = next(codec);
        encoder = codec.newEncoder();
      }
      if (within == 2000) {
        ssrc = random.nextInt() & 0xFFFF_FFFFL;
        sequence = random.nextInt(65_536);
        ticks = random.nextInt();
      }
      boolean held = within >= 1000 && within < 1250;
      buffer.held(held);
      boolean loud = frame % 50 == 25;
      byte[] payload = encoder.encode(frame(loud), 0, FRAME);
      sequence = held ? sequence : sequence + 1 & 0xFFFF;
      ticks += FRAME;
      if (!held && !isLost(within)) {
        said += loud ? 1 : 0;
        line.add(
            new Datagram(
                START_NS + frame * FRAME_NS + random.nextLong(JITTER_NS),
                packet(codec, ssrc, sequence, ticks, payload)));
      }
      for (int half = 1; half <= 2; half++) {
        deliver(line, START_NS + frame * FRAME_NS + half * FRAME_NS / 2);
      }
    }
    buffer.finish(START_NS + FRAMES * FRAME_NS);

    assertThat(found).isGreaterThan(said * 99 / 100);
    System.out.printf(
        "an hour: %d of %d found, %d to %d samples from their places, length %+d%n",
        found, said, earliest, latest, position - (long) FRAMES * FRAME);
    assertThat(earliest).as("samples too early").isGreaterThan(-FRAME);
    assertThat(latest).as("samples too late").isLessThan(FRAME);
    assertThat(position).isBetween((long) (FRAMES - 1) * FRAME, (long) (FRAMES + 1) * FRAME);
    assertThat(buffer.counters().ssrcChanges()).isEqualTo(FRAMES / MINUTE_FRAMES);
  }

  private static AudioCodec next(AudioCodec codec) {
    return switch (codec) {
      case PCMU -> AudioCodec.PCMA;
      case PCMA -> AudioCodec.G722;
      default -> AudioCodec.PCMU;
    };
  }

  /** 160, 300 and 600 ms. */
  private static boolean isLost(int within) {
    return within >= 400 && within < 408
        || within >= 1600 && within < 1615
        || within >= 2630 && within < 2660;
  }

  private static short[] frame(boolean loud) {
    short[] pcm = new short[FRAME];
    if (loud) {
      for (int i = 0; i < FRAME; i++) {
        pcm[i] = (short) (i / 4 % 2 == 0 ? 2 * LOUD : -2 * LOUD);
      }
    } else {
      // Not idle: it is no digital silence.
      Arrays.fill(pcm, (short) 100);
    }
    return pcm;
  }

  private static ByteBuf packet(
      AudioCodec codec, long ssrc, int sequence, int ticks, byte[] payload) {
    ByteBuf bytes = Unpooled.buffer(12 + payload.length);
    new RtpPacketBuilder()
        .payloadType(codec.payloadType())
        .sequenceNumber(sequence)
        .timestamp(ticks & 0xFFFF_FFFFL)
        .ssrc(ssrc)
        .payload(payload)
        .writeTo(bytes);
    return bytes;
  }

  private void deliver(PriorityQueue<Datagram> line, long nowNs) {
    while (!line.isEmpty() && line.peek().arrivalNs() <= nowNs) {
      Datagram datagram = line.poll();
      assertThat(view.parse(datagram.bytes())).isEqualTo(RtpDefect.NONE);
      buffer.offer(view, datagram.arrivalNs());
    }
    buffer.tick(nowNs);
  }

  @Override
  public void onAudio(AudioCodec codec, short[] pcm, int samples) {
    for (int i = 0; i < samples; i++) {
      if (Math.abs(pcm[i]) > LOUD && position + i - lastLoud > 4000) {
        lastLoud = position + i;
        long place = Math.round((lastLoud - 25.0 * FRAME) / (50 * FRAME)) * 50 * FRAME + 25 * FRAME;
        found++;
        earliest = Math.min(earliest, lastLoud - place);
        latest = Math.max(latest, lastLoud - place);
      }
    }
    position += samples;
  }

  @Override
  public void onConcealed(AudioCodec codec, short[] pcm, int samples) {
    position += samples;
  }

  @Override
  public void onSilence(long samples) {
    position += samples;
  }

  @Override
  public void onTelephoneEvent(TelephoneEvent event, long atSamples) {}
}
