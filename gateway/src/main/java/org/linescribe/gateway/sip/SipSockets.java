package org.linescribe.gateway.sip;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.sip.SipMetrics.Defect;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening sockets: UDP and TCP on one port, and the TCP connections.
 *
 * <p>Owns its event loops. Thread: {@link #open} and {@link #close} from one thread.
 */
final class SipSockets implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SipSockets.class);
  private static final int PORT_TRIES = 50;
  private static final int CONNECT_TIMEOUT_MS = 5000;
  private static final int RECEIVE_BUFFER_BYTES = 1 << 20;

  /** A trunk's one connection carries many calls: it may lag by some hundred messages. */
  private static final WriteBufferWaterMark UNREAD = new WriteBufferWaterMark(1 << 17, 1 << 18);

  private final SipSettings settings;
  private final SipMetrics metrics;
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          2, new DefaultThreadFactory("linescribe-sip", true), NioIoHandler.newFactory());
  private final AtomicInteger connections = new AtomicInteger();
  private @Nullable Channel udp;
  private @Nullable Channel tcp;
  private volatile @Nullable SipTransport transport;

  SipSockets(SipSettings settings, SipMetrics metrics) {
    this.settings = settings;
    this.metrics = metrics;
    metrics.connections(connections::get);
  }

  Channel udp() {
    return Objects.requireNonNull(udp);
  }

  Channel tcp() {
    return Objects.requireNonNull(tcp);
  }

  /** Binds both sockets to one port. Nothing is read before {@link #serve}. */
  void open() throws SipBindException {
    InetSocketAddress wanted = settings.bindAddress();
    for (int tries = 1; ; tries++) {
      ChannelFuture stream = bindTcp(wanted).awaitUninterruptibly();
      if (!stream.isSuccess()) {
        throw bindFault("tcp", stream.cause());
      }
      InetSocketAddress bound = (InetSocketAddress) stream.channel().localAddress();
      ChannelFuture datagram =
          bindUdp(new InetSocketAddress(wanted.getAddress(), bound.getPort()))
              .awaitUninterruptibly();
      if (datagram.isSuccess()) {
        udp = datagram.channel();
        tcp = stream.channel();
        return;
      }
      stream.channel().close().awaitUninterruptibly();
      if (settings.port() != 0 || tries == PORT_TRIES) {
        throw bindFault("udp", datagram.cause());
      }
    }
  }

  private SipBindException bindFault(String protocol, Throwable cause) {
    String fault = String.valueOf(cause.getMessage());
    String what =
        fault.contains("in use")
            ? " is in use (" + protocol + ": " + fault + ")"
            : " cannot be bound (" + protocol + ": " + fault + ")";
    return new SipBindException("linescribe.sip.bind: " + settings.bind() + what, cause);
  }

  /** Begins to read. */
  void serve(SipTransport to) {
    transport = to;
    udp().config().setAutoRead(true);
    udp().read();
    tcp().config().setAutoRead(true);
    tcp().read();
  }

  private ChannelFuture bindUdp(InetSocketAddress address) {
    return new Bootstrap()
        .group(loops)
        .channel(NioDatagramChannel.class)
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(65_536))
        .handler(new Datagrams())
        .bind(address);
  }

  private ChannelFuture bindTcp(InetSocketAddress address) {
    return new ServerBootstrap()
        .group(loops)
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.SO_BACKLOG, 256)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNREAD)
        .childHandler(new ConnectionSetup())
        .bind(address);
  }

  /** Opens a connection to a peer; the same one for all who ask while it is open. */
  ChannelFuture connect(InetSocketAddress peer) {
    Map<InetSocketAddress, ChannelFuture> open =
        Objects.requireNonNull(transport).tcp().connections();
    ChannelFuture connection =
        open.compute(
            peer,
            (key, known) ->
                known != null && (!known.isDone() || known.channel().isActive())
                    ? known
                    : new Bootstrap()
                        .group(loops)
                        .channel(NioSocketChannel.class)
                        .option(ChannelOption.TCP_NODELAY, true)
                        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, UNREAD)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                        .handler(new ConnectionSetup())
                        .connect(peer));
    connection.addListener(
        done -> {
          if (!done.isSuccess()) {
            open.remove(peer, connection);
          }
        });
    return connection;
  }

  @Override
  public void close() {
    if (udp != null) {
      udp.close().awaitUninterruptibly();
    }
    if (tcp != null) {
      tcp.close().awaitUninterruptibly();
    }
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private final class Datagrams extends SimpleChannelInboundHandler<DatagramPacket> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
      SipTransport to = transport;
      ByteBuf content = packet.content();
      if (to == null || content.readableBytes() == 0) {
        return;
      }
      if (content.readableBytes() > settings.maxMessageBytes()) {
        metrics.defect(Defect.TOO_LARGE);
        return;
      }
      to.receiveDatagram(ByteBufUtil.getBytes(content), packet.sender());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // ICMP errors of earlier sends arrive here; the socket goes on.
      LOG.debug("udp: {}", StackLog.cut(cause.toString()));
    }
  }

  private final class ConnectionSetup extends ChannelInitializer<SocketChannel> {
    @Override
    protected void initChannel(SocketChannel channel) {
      if (connections.incrementAndGet() > settings.maxConnections()) {
        connections.decrementAndGet();
        metrics.defect(Defect.TOO_MANY_CONNECTIONS);
        channel.close();
        return;
      }
      channel.closeFuture().addListener(closed -> connections.decrementAndGet());
      channel
          .pipeline()
          .addLast(
              new IdleStateHandler(0, 0, settings.idleTimeout().toMillis(), TimeUnit.MILLISECONDS))
          .addLast(new SipFramer(settings.maxMessageBytes(), settings.messageTimeout().toMillis()))
          .addLast(new Connection());
    }
  }

  private final class Connection extends ChannelInboundHandlerAdapter {
    private @Nullable SipMessageChannel peer;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      SipTransport to = Objects.requireNonNull(transport);
      InetSocketAddress remote = (InetSocketAddress) ctx.channel().remoteAddress();
      ChannelFuture open = ctx.channel().newSucceededFuture();
      to.tcp().connections().put(remote, open);
      ctx.channel().closeFuture().addListener(x -> to.tcp().connections().remove(remote, open));
      peer = SipMessageChannel.tcp(to.tcp(), remote, open);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      SipTransport to = Objects.requireNonNull(transport);
      SipMessageChannel from = Objects.requireNonNull(peer);
      if (message instanceof byte[] bytes) {
        // A channel of its own for each message: its reply port is the message's.
        to.receiveMessage(
            bytes,
            SipMessageChannel.tcp(to.tcp(), from.source(), ctx.channel().newSucceededFuture()));
      } else if (message instanceof SipFramer.Refused refused) {
        to.receiveRefused(refused, from);
        // After the answer, which is written by this loop before.
        ctx.channel().eventLoop().execute(ctx::close);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof IdleStateEvent) {
        ctx.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      LOG.debug("tcp: {}", StackLog.cut(cause.toString()));
      ctx.close();
    }
  }
}
