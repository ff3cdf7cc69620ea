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
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.dtls.DtlsFingerprint;
import org.linescribe.gateway.dtls.DtlsIdentity;
import org.linescribe.gateway.sdp.CodecChoice;
import org.linescribe.gateway.srtp.SrtpMode;
import org.linescribe.gateway.srtp.SrtpSession;

/**
 * The media event loops and the pool of RTP ports.
 *
 * <p>Thread: any; {@link #close} blocks.
 */
public final class RtpEngine implements AutoCloseable {
  private static final int BIND_TRIES = 64;

  /** 200 ms of 16-bit PCM at 16 kHz are 6400 bytes, and its headers. */
  private static final int MAX_DATAGRAM_BYTES = 8192;

  private static final int RECEIVE_BUFFER_BYTES = 1 << 18;

  private final RtpSettings settings;
  private final List<CodecChoice> codecs;
  private final InetAddress bindAddress;
  private final Clock clock;
  private final LongSupplier nanoClock;
  private final RtpMetrics metrics;
  private final RtpPorts ports;
  private final EventLoopGroup loops;
  private final DtlsIdentity identity = new DtlsIdentity();
  private final Set<Integer> ownPorts = ConcurrentHashMap.newKeySet();
  private final Map<EventLoop, SessionTicker> tickers = new ConcurrentHashMap<>();

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
    this.codecs = settings.codecChoices();
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
            threads,
            new DefaultThreadFactory("linescribe-rtp", true),
            PacedIoHandler.factory(
                NioIoHandler.newFactory(),
                settings.pollInterval().toNanos(),
                () -> !ownPorts.isEmpty()));
    metrics.gauge("linescribe.rtp.sessions", ownPorts::size);
    metrics.gauge("linescribe.rtp.ports.free", ports::available);
  }

  /** Pairs of ports that are taken; one that late packets may reach counts as free. */
  public int usedPairs() {
    return settings.pairs() == 0 ? ownPorts.size() : settings.pairs() - ports.available();
  }

  /** Pairs of ports that there are; 0 where the machine's own choice bounds them. */
  public int pairs() {
    return settings.pairs();
  }

  /**
   * Makes our certificate and loads what protects media on a thread of its own: a tenth of a start,
   * and nothing that the first calls in the clear wait for. A trunk may ask for it although the
   * setting does not.
   */
  public void prepare() {
    Thread.ofPlatform()
        .daemon()
        .name("linescribe-srtp-load")
        .start(
            () -> {
              SrtpSession.prepare();
              identity.fingerprint();
            });
  }

  /** Of our certificate for media. */
  public DtlsFingerprint fingerprint() {
    return identity.fingerprint();
  }

  /** Whether calls may, or must, have encrypted media. */
  public SrtpMode srtp() {
    return settings.srtp();
  }

  /** Codecs that calls may have, the preferred one first. */
  public List<CodecChoice> codecs() {
    return codecs;
  }

  /** The event loop that a new call is pinned to. */
  public EventLoop nextLoop() {
    return loops.next();
  }

  /**
   * Binds a port pair and creates a session on it.
   *
   * @param loop the call's event loop; the stage completes on it and the session is pinned to it
   * @return fails with {@link RtpException} when no pair can be bound
   */
  public CompletionStage<RtpSession> open(EventLoop loop, RtpSessionListener listener) {
    CompletableFuture<RtpSession> opened = new CompletableFuture<>();
    RtpSession session =
        new RtpSession(
            tickers.computeIfAbsent(loop, SessionTicker::new),
            settings,
            metrics,
            clock,
            nanoClock,
            this::isOwnPort,
            identity,
            listener);
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
                          ownPorts.add(port);
                          session.bound(
                              rtp.channel(), rtcp.channel(), port, () -> release(wanted, port));
                          opened.complete(session);
                        } else {
                          retry(loop, session, opened, attempt, wanted, rtp.channel());
                        }
                      });
            });
  }

  /** The port is in use by another program, or the system chose an odd one. */
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
      ports.release(wanted, nanoClock.getAsLong());
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
                .maxMessagesPerRead(1)) // PacedIoHandler polls until the socket is drained
        .handler(handler)
        .bind(new InetSocketAddress(bindAddress, port));
  }

  private void release(int wanted, int port) {
    ownPorts.remove(port);
    if (wanted != 0) {
      ports.release(wanted, nanoClock.getAsLong());
    }
  }

  private boolean isOwnPort(InetSocketAddress address) {
    if (!ownPorts.contains(address.getPort())) {
      return false;
    }
    try {
      return bindAddress.isAnyLocalAddress()
          ? NetworkInterface.getByInetAddress(address.getAddress()) != null
          : address.getAddress().equals(bindAddress);
    } catch (SocketException e) {
      return false;
    }
  }

  /** Stops the event loops; sessions must be closed before. */
  @Override
  public void close() {
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
