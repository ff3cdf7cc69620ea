package org.linescribe.gateway.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.sdp.MediaDirection;
import org.linescribe.gateway.sdp.MediaProtection;
import org.linescribe.gateway.sdp.NegotiatedMedia;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.dtmf.TelephoneEvent;
import org.linescribe.media.rtp.RtpPacket;

/**
 * A machine without a free processor holds an event loop up between the moment when it looked at
 * its sockets and its next tick. What came meanwhile came in time.
 */
final class HeldUpLoopTest {
  private static final int FRAME_SAMPLES = 160;
  private static final int FRAME_MS = 20;

  private final AtomicLong heldUpNs = new AtomicLong();
  private final InetAddress loopback = InetAddress.getLoopbackAddress();
  private RtpEngine engine;
  private DatagramSocket peer;
  private int sequenceNumber;

  @BeforeEach
  void start() throws Exception {
    peer = new DatagramSocket(new InetSocketAddress(loopback, 0));
    engine =
        new RtpEngine(
            RtpSettings.on("0"),
            loopback,
            new SimpleMeterRegistry(),
            Clock.systemUTC(),
            () -> System.nanoTime() + heldUpNs.get());
  }

  @AfterEach
  void stop() {
    engine.close();
    peer.close();
  }

  /** Counts what its session tells, and does something within a tick when it is asked to. */
  private static final class TimelineListener implements RtpSessionListener {
    private final AtomicInteger audio = new AtomicInteger();
    private final AtomicBoolean asked = new AtomicBoolean();
    private volatile Runnable withinTick = () -> {};

    @Override
    public void onAudio(short[] pcm, int length) {
      audio.addAndGet(length);
    }

    @Override
    public void onSilence(int samples) {
      if (asked.compareAndSet(true, false)) {
        withinTick.run();
      }
    }

    @Override
    public void onTelephoneEvent(TelephoneEvent event, long atSamples) {}

    @Override
    public void onTimeout() {}

    @Override
    public void onFailure(RuntimeException failure) {
      throw failure;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 200, 700})
  void packetsThatWaitedInTheSocketAreNotLate(int stallMs) throws Exception {
    EventLoop loop = engine.nextLoop();
    TimelineListener first = new TimelineListener();
    TimelineListener second = new TimelineListener();
    RtpSession silent = engine.open(loop, first).toCompletableFuture().get();
    RtpSession spoken = engine.open(loop, second).toCompletableFuture().get();
    InetSocketAddress to = new InetSocketAddress(loopback, spoken.rtpPort());
    int frames = stallMs / FRAME_MS;
    // Within a tick of the one session: the time is gone and the packets are there, when the other
    // session's tick follows in the same turn of the loop.
    first.withinTick =
        () -> {
          long sinceTimestamp = timestampNow();
          heldUpNs.addAndGet(stallMs * 1_000_000L);
          for (int i = 0; i < frames; i++) {
            send(to, sinceTimestamp + i * FRAME_SAMPLES);
          }
        };
    loop.submit(
            () -> {
              for (RtpSession session : new RtpSession[] {silent, spoken}) {
                session.negotiated(media());
                session.start(InetAddress.getLoopbackAddress());
              }
            })
        .get();
    send(to, timestampNow());
    await().until(() -> second.audio.get() == FRAME_SAMPLES);

    for (int round = 1; round <= 5; round++) {
      int heard = (1 + round * frames) * FRAME_SAMPLES;
      first.asked.set(true);
      long received = heard / FRAME_SAMPLES;
      await().until(() -> summary(loop, spoken).received() == received);
      assertThat(summary(loop, spoken).late()).as("late packets in round %d", round).isZero();
      assertThat(second.audio).hasValue(heard);
    }
    loop.submit(
            () -> {
              silent.close();
              spoken.close();
            })
        .get();
  }

  @Test
  void silenceIsToldThoughEveryTickIsHeldUp() throws Exception {
    EventLoop loop = engine.nextLoop();
    TimelineListener listener = new TimelineListener();
    listener.withinTick =
        () -> {
          heldUpNs.addAndGet(100_000_000L);
          listener.asked.set(true);
        };
    listener.asked.set(true);
    RtpSession session = engine.open(loop, listener).toCompletableFuture().get();
    loop.submit(
            () -> {
              session.negotiated(media());
              session.start(InetAddress.getLoopbackAddress());
            })
        .get();

    await().until(() -> summary(loop, session).timelineSamples() > 10 * 8000);
    loop.submit(session::close).get();
  }

  /** Asked on its own thread, after what that thread does with a packet is done. */
  private static RtpSummary summary(EventLoop loop, RtpSession session) throws Exception {
    return loop.submit(session::summary).get();
  }

  private NegotiatedMedia media() {
    return new NegotiatedMedia(
        AudioCodec.PCMU,
        0,
        OptionalInt.empty(),
        loopback.getHostAddress(),
        peer.getLocalPort(),
        loopback.getHostAddress(),
        peer.getLocalPort() + 1,
        false,
        MediaDirection.SENDRECV,
        false,
        Duration.ofMillis(FRAME_MS),
        new MediaProtection.Plain(),
        Optional.empty());
  }

  /** A true sender's: it goes with the clock, in speech and in the pauses. */
  private long timestampNow() {
    return (System.nanoTime() + heldUpNs.get()) / 125_000 & 0xFFFF_FFFFL;
  }

  private void send(InetSocketAddress to, long timestamp) {
    ByteBuf packet = Unpooled.buffer();
    RtpPacket.write(
        packet,
        sequenceNumber == 0,
        0,
        sequenceNumber,
        timestamp & 0xFFFF_FFFFL,
        7,
        new byte[FRAME_SAMPLES],
        0,
        FRAME_SAMPLES);
    sequenceNumber++;
    try {
      peer.send(new DatagramPacket(packet.array(), packet.readableBytes(), to));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
