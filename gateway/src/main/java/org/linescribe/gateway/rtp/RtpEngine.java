package org.linescribe.gateway.rtp;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The media threads and the ports of the range.
 *
 * <p>Thread: any; {@link #close} blocks.
 */
public final class RtpEngine implements AutoCloseable {
  private static final int BIND_TRIES = 64;
  private static final int MAX_DATAGRAM_BYTES = 2048;

  /** After a stall a socket is read empty before time passes for its session: 5 s of packets. */
  private static final int MAX_DATAGRAMS_PER_READ = 256;

  private static final int RECEIVE_BUFFER_BYTES = 1 << 18;

  private final RtpSettings settings;
  private final InetAddress bindAddress;
  private final Clock clock;
  private final LongSupplier nanoClock;
  private final RtpMetrics metrics;
  private final RtpPorts ports;
  private final EventLoopGroup loops;
  private final AtomicInteger sessions = new AtomicInteger();

  /**
   * @param bindAddress where media sockets are bound
   * @param clock wall clock, for sender reports
   * @param nanoClock monotonic
   */
  public RtpEngine(
      RtpSettings settings,
      InetAddress bindAddress,
      MeterRegistry registry,
      Clock clock,
      LongSupplier nanoClock) {
    this.settings = settings;
    this.bindAddress = bindAddress;
    this.clock = clock;
    this.nanoClock = nanoClock;
    this.metrics = new RtpMetrics(registry);
    this.ports =
        new RtpPorts(
            settings.firstPort(),
            settings.pairs(),
            settings.quarantine().toNanos(),
            nanoClock.getAsLong());
    int threads =
        settings.eventLoops() == 0
            ? Runtime.getRuntime().availableProcessors()
            : settings.eventLoops();
    this.loops =
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory("linescribe-rtp", true), NioIoHandler.newFactory());
    metrics.gauge("linescribe.rtp.sessions", sessions::get);
    metrics.gauge("linescribe.rtp.ports.free", ports::available);
  }

  /** The event loop that a new call is pinned to. */
  public EventLoop nextLoop() {
    return loops.next();
  }

  /**
   * Binds a pair of ports, exclusively, and makes a session of them.
   *
   * @param loop the call's; the stage completes on it, and the session belongs to it
   * @return fails with {@link RtpException} when no pair can be had
   */
  public CompletionStage<RtpSession> open(EventLoop loop, RtpSessionListener listener) {
    CompletableFuture<RtpSession> opened = new CompletableFuture<>();
    RtpSession session = new RtpSession(loop, settings, metrics, clock, nanoClock, listener);
    loop.execute(() -> bind(loop, session, opened, 1));
    return opened;
  }

  private void bind(
      EventLoop loop, RtpSession session, CompletableFuture<RtpSession> opened, int attempt) {
    OptionalInt taken =
        settings.pairs() == 0 ? OptionalInt.of(0) : ports.take(nanoClock.getAsLong());
    if (taken.isEmpty()) {
      opened.completeExceptionally(new RtpException("all media ports are in use"));
      return;
    }
    int wanted = taken.getAsInt();
    bind(loop, session.rtpHandler(), wanted)
        .addListener(
            (ChannelFuture rtp) -> {
              if (!rtp.isSuccess()) {
                retry(loop, session, opened, attempt, wanted, null);
                return;
              }
              int port = ((InetSocketAddress) rtp.channel().localAddress()).getPort();
              if ((port & 1) == 1) {
                retry(loop, session, opened, attempt, wanted, rtp.channel());
                return;
              }
              bind(loop, session.rtcpHandler(), port + 1)
                  .addListener(
                      (ChannelFuture rtcp) -> {
                        if (rtcp.isSuccess()) {
                          sessions.incrementAndGet();
                          session.bound(rtp.channel(), rtcp.channel(), port, () -> release(wanted));
                          opened.complete(session);
                        } else {
                          retry(loop, session, opened, attempt, wanted, rtp.channel());
                        }
                      });
            });
  }

  /** Another program holds the port, or the system gave an odd one. */
  private void retry(
      EventLoop loop,
      RtpSession session,
      CompletableFuture<RtpSession> opened,
      int attempt,
      int wanted,
      @Nullable Channel bound) {
    if (bound != null) {
      bound.close();
    }
    if (wanted != 0) {
      ports.giveBack(wanted, nanoClock.getAsLong());
    }
    if (attempt == BIND_TRIES) {
      opened.completeExceptionally(
          new RtpException("no media port could be bound in " + attempt + " attempts"));
    } else {
      bind(loop, session, opened, attempt + 1);
    }
  }

  private ChannelFuture bind(EventLoop loop, ChannelHandler handler, int port) {
    return new Bootstrap()
        .group(loop)
        .channel(NioDatagramChannel.class)
        .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new FixedRecvByteBufAllocator(MAX_DATAGRAM_BYTES)
                .maxMessagesPerRead(MAX_DATAGRAMS_PER_READ))
        .handler(handler)
        .bind(new InetSocketAddress(bindAddress, port));
  }

  private void release(int port) {
    sessions.decrementAndGet();
    if (port != 0) {
      ports.giveBack(port, nanoClock.getAsLong());
    }
  }

  /** Ends the threads; sessions must be closed before. */
  @Override
  public void close() {
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
