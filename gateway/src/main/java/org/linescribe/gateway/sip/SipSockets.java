package org.linescribe.gateway.sip;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.sip.SipMetrics.SipDefect;
import org.linescribe.gateway.tls.TlsContexts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening sockets: UDP and TCP on one port, and the further transports on theirs.
 *
 * <p>Owns its event loops and the TLS contexts. Thread: {@link #open} and {@link #close} from one
 * thread.
 */
final class SipSockets implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SipSockets.class);
  private static final int PORT_TRIES = 50;
  private static final int MAX_QUEUED_DATAGRAMS = 1024;
  private static final int RECEIVE_BUFFER_BYTES = 1 << 20;

  private final SipListeners listeners;
  private final SipSettings settings;
  private final SipMetrics metrics;
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          2, new DefaultThreadFactory("linescribe-sip", true), NioIoHandler.newFactory());
  private final EventExecutor[] parsers;
  private final SourceRateLimiter limiter;
  private final AtomicInteger connections = new AtomicInteger();
  private final Map<SipProtocol, SipStreams> streams = new EnumMap<>(SipProtocol.class);
  private @Nullable TlsContexts tls;
  private @Nullable Channel udp;
  private volatile @Nullable SipTransport transport;

  SipSockets(SipListeners listeners, SipMetrics metrics) {
    this.listeners = listeners;
    this.settings = listeners.sip();
    this.metrics = metrics;
    this.limiter = new SourceRateLimiter(settings.maxMessagesPerSource(), System.nanoTime());
    this.parsers = new EventExecutor[Math.max(2, Runtime.getRuntime().availableProcessors())];
    ThreadFactory threads = new DefaultThreadFactory("linescribe-sip-parser", true);
    for (int i = 0; i < parsers.length; i++) {
      parsers[i] =
          new DefaultEventExecutor(
              null, threads, MAX_QUEUED_DATAGRAMS, RejectedExecutionHandlers.reject());
    }
    metrics.connections(connections::get);
  }

  /** The listening socket of a transport that is on. */
  Channel listening(SipProtocol protocol) {
    return protocol == SipProtocol.UDP
        ? Objects.requireNonNull(udp)
        : streams(protocol).listening();
  }

  InetSocketAddress address(SipProtocol protocol) {
    return (InetSocketAddress) listening(protocol).localAddress();
  }

  /** The transports that are on: UDP, TCP, and those with a bind setting. */
  Set<SipProtocol> protocols() {
    Set<SipProtocol> on = EnumSet.of(SipProtocol.UDP);
    on.addAll(streams.keySet());
    return on;
  }

  SipStreams streams(SipProtocol protocol) {
    return Objects.requireNonNull(streams.get(protocol), protocol + " is off");
  }

  /** Binds all sockets. Reading starts with {@link #serve}. */
  void open() throws SipBindException {
    openUdpAndTcp();
    for (Map.Entry<SipProtocol, String> bind : listeners.binds().entrySet()) {
      SipProtocol protocol = bind.getKey();
      String setting = SipListeners.setting(protocol);
      if (protocol.isSecure() && tls == null) {
        tls = new TlsContexts(listeners.tls().files());
      }
      SipStreams stream = newStreams(protocol);
      ChannelFuture bound =
          stream.bind(SipListeners.address(setting, bind.getValue())).awaitUninterruptibly();
      if (!bound.isSuccess()) {
        throw bindFault(setting, bind.getValue(), "tcp", bound.cause());
      }
      streams.put(protocol, stream);
    }
  }

  private void openUdpAndTcp() throws SipBindException {
    InetSocketAddress wanted = settings.bindAddress();
    String setting = SipListeners.setting(SipProtocol.TCP);
    for (int tries = 1; ; tries++) {
      SipStreams stream = newStreams(SipProtocol.TCP);
      ChannelFuture bound = stream.bind(wanted).awaitUninterruptibly();
      if (!bound.isSuccess()) {
        throw bindFault(setting, settings.bind(), "tcp", bound.cause());
      }
      int port = ((InetSocketAddress) bound.channel().localAddress()).getPort();
      ChannelFuture datagram =
          bindUdp(new InetSocketAddress(wanted.getAddress(), port)).awaitUninterruptibly();
      if (datagram.isSuccess()) {
        udp = datagram.channel();
        streams.put(SipProtocol.TCP, stream);
        return;
      }
      stream.close();
      if (settings.port() != 0 || tries == PORT_TRIES) {
        throw bindFault(setting, settings.bind(), "udp", datagram.cause());
      }
    }
  }

  private SipStreams newStreams(SipProtocol protocol) {
    return new SipStreams(protocol, listeners, metrics, loops, limiter, connections, tls);
  }

  private static SipBindException bindFault(
      String setting, String bind, String protocol, Throwable cause) {
    String fault = String.valueOf(cause.getMessage());
    String what =
        fault.contains("in use")
            ? " is in use (" + protocol + ": " + fault + ")"
            : " cannot be bound (" + protocol + ": " + fault + ")";
    return new SipBindException(setting + ": " + bind + what, cause);
  }

  /** Starts reading. */
  void serve(SipTransport to) {
    transport = to;
    Channel datagrams = listening(SipProtocol.UDP);
    datagrams.config().setAutoRead(true);
    datagrams.read();
    streams.values().forEach(stream -> stream.serve(to));
  }

  private ChannelFuture bindUdp(InetSocketAddress address) {
    return new Bootstrap()
        .group(loops)
        .channel(NioDatagramChannel.class)
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(65_536))
        .handler(new DatagramReceiver())
        .bind(address);
  }

  @Override
  public void close() {
    if (udp != null) {
      udp.close().awaitUninterruptibly();
    }
    streams.values().forEach(SipStreams::close);
    if (tls != null) {
      tls.close();
    }
    for (EventExecutor parser : parsers) {
      parser.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private final class DatagramReceiver extends SimpleChannelInboundHandler<DatagramPacket> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
      SipTransport to = transport;
      ByteBuf content = packet.content();
      if (to == null || content.readableBytes() == 0) {
        return;
      }
      if (content.readableBytes() > settings.maxMessageBytes()) {
        metrics.defect(SipDefect.TOO_LARGE);
        return;
      }
      InetSocketAddress sender = packet.sender();
      if (!limiter.admit(sender.getAddress(), System.nanoTime())) {
        metrics.defect(SipDefect.SOURCE_LIMIT);
        return;
      }
      if (!limiter.enqueue(sender.getAddress())) {
        metrics.defect(SipDefect.QUEUE_FULL);
        return;
      }
      byte[] datagram = ByteBufUtil.getBytes(content);
      try {
        // By Call-ID, so that the messages of a dialog keep their order.
        parsers[Math.floorMod(MessageHead.callIdHash(datagram), parsers.length)].execute(
            () -> parse(to, datagram, sender));
      } catch (RejectedExecutionException e) {
        limiter.dequeue(sender.getAddress());
        metrics.defect(SipDefect.QUEUE_FULL);
      }
    }

    private void parse(SipTransport to, byte[] datagram, InetSocketAddress sender) {
      try {
        to.receiveDatagram(datagram, sender);
      } finally {
        limiter.dequeue(sender.getAddress());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // ICMP errors of earlier sends arrive here and do not affect the socket.
      LOG.debug("udp: {}", JainSipLog.cut(cause.toString()));
    }
  }
}
