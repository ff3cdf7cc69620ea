package org.linescribe.gateway.sip;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.HandshakeComplete;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.sip.SipMetrics.SipDefect;
import org.linescribe.gateway.tls.TlsContexts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream transport (TCP, TLS, WebSocket): its listening socket, the connections that peers
 * opened and those that we open.
 *
 * <p>Thread: {@link #bind} and {@link #serve} from one thread, {@link #connect} and {@link
 * #connections} from any.
 */
final class SipStreams {
  private static final Logger LOG = LoggerFactory.getLogger(SipStreams.class);
  private static final int CONNECT_TIMEOUT_MS = 5000;

  /** Some hundred messages: one trunk connection carries many calls. */
  private static final WriteBufferWaterMark WRITE_BUFFER =
      new WriteBufferWaterMark(1 << 17, 1 << 18);

  private final SipProtocol protocol;
  private final SipListeners settings;
  private final SipMetrics metrics;
  private final EventLoopGroup loops;
  private final SourceRateLimiter limiter;
  private final AtomicInteger count;
  private final @Nullable TlsContexts tls;
  private final Map<InetSocketAddress, ChannelFuture> connections = new ConcurrentHashMap<>();
  private @Nullable Channel listening;
  private volatile @Nullable SipTransport transport;

  /**
   * @param count open connections of all transports
   * @param tls needed by a secure protocol
   */
  SipStreams(
      SipProtocol protocol,
      SipListeners settings,
      SipMetrics metrics,
      EventLoopGroup loops,
      SourceRateLimiter limiter,
      AtomicInteger count,
      @Nullable TlsContexts tls) {
    this.protocol = protocol;
    this.settings = settings;
    this.metrics = metrics;
    this.loops = loops;
    this.limiter = limiter;
    this.count = count;
    this.tls = tls;
  }

  /** Binds the listening socket; reading starts with {@link #serve}. */
  ChannelFuture bind(InetSocketAddress address) {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.AUTO_READ, false)
            .option(ChannelOption.SO_BACKLOG, 256)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_BUFFER)
            .childHandler(new ConnectionSetup(null))
            .bind(address);
    listening = bound.channel();
    return bound;
  }

  Channel listening() {
    return Objects.requireNonNull(listening);
  }

  /** Starts reading. */
  void serve(SipTransport to) {
    transport = to;
    listening().config().setAutoRead(true);
    listening().read();
  }

  void close() {
    if (listening != null) {
      listening.close().awaitUninterruptibly();
    }
  }

  /** Open connections by their remote address. */
  Map<InetSocketAddress, ChannelFuture> connections() {
    return connections;
  }

  /**
   * Returns the open connection to a peer, or opens one.
   *
   * @param name the host as a URI had it, which the certificate of a TLS peer must carry
   * @return null over WebSocket, where only clients connect (RFC 7118 §5)
   */
  @Nullable ChannelFuture connect(InetSocketAddress peer, String name) {
    ChannelFuture connection =
        connections.compute(
            peer, (key, known) -> known != null && isUsable(known) ? known : open(peer, name));
    if (connection != null) {
      connection.addListener(
          done -> {
            if (!done.isSuccess()) {
              connections.remove(peer, connection);
            }
          });
    }
    return connection;
  }

  private static boolean isUsable(ChannelFuture connection) {
    return !connection.isDone() || connection.channel().isActive();
  }

  private @Nullable ChannelFuture open(InetSocketAddress peer, String name) {
    return protocol.isWebSocket()
        ? null
        : new Bootstrap()
            .group(loops)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_BUFFER)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
            .handler(new ConnectionSetup(name))
            .connect(peer);
  }

  private final class ConnectionSetup extends ChannelInitializer<SocketChannel> {
    private final @Nullable String serverName;

    /**
     * @param serverName of the peer that we connect to; null for one that connects to us
     */
    ConnectionSetup(@Nullable String serverName) {
      this.serverName = serverName;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      SipSettings sip = settings.sip();
      if (count.incrementAndGet() > sip.maxConnections()) {
        count.decrementAndGet();
        metrics.defect(SipDefect.TOO_MANY_CONNECTIONS);
        channel.close();
        return;
      }
      channel.closeFuture().addListener(closed -> count.decrementAndGet());
      ChannelPipeline pipeline = channel.pipeline();
      pipeline.addLast(
          new IdleStateHandler(0, 0, sip.idleTimeout().toMillis(), TimeUnit.MILLISECONDS));
      if (protocol.isSecure()) {
        pipeline.addLast(sslHandler(channel));
      }
      if (protocol.isWebSocket()) {
        SipWebSocket.addTo(pipeline, settings);
      } else {
        pipeline.addLast(new SipFramer(sip.maxMessageBytes(), sip.messageTimeout().toMillis()));
      }
      pipeline.addLast(new Connection());
    }

    private SslHandler sslHandler(SocketChannel channel) {
      TlsContexts contexts = Objects.requireNonNull(tls);
      SslHandler handler;
      if (serverName == null) {
        handler = contexts.server().newHandler(channel.alloc());
      } else {
        handler = contexts.client().newHandler(channel.alloc(), serverName, -1);
        SSLParameters parameters = handler.engine().getSSLParameters();
        // The certificate must carry the name of the URI. Source: RFC 5922 §7.2.
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        handler.engine().setSSLParameters(parameters);
      }
      handler.setHandshakeTimeoutMillis(settings.sip().messageTimeout().toMillis());
      return handler;
    }
  }

  private final class Connection extends ChannelInboundHandlerAdapter {
    private @Nullable SipMessageChannel peer;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      if (!protocol.isWebSocket()) {
        register(ctx.channel());
      }
    }

    private void register(Channel channel) {
      SipTransport to = Objects.requireNonNull(transport);
      InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
      ChannelFuture open = channel.newSucceededFuture();
      connections.put(remote, open);
      channel.closeFuture().addListener(closed -> connections.remove(remote, open));
      peer = SipMessageChannel.stream(to.processor(protocol), remote, open);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      SipTransport to = Objects.requireNonNull(transport);
      SipMessageChannel from = Objects.requireNonNull(peer);
      if (message instanceof byte[] bytes) {
        // One SipMessageChannel per message, because its reply port is the message's.
        SipMessageChannel channel =
            SipMessageChannel.stream(
                to.processor(protocol), from.source(), ctx.channel().newSucceededFuture());
        if (limiter.admit(from.source().getAddress(), System.nanoTime())) {
          to.receiveMessage(bytes, channel);
        } else {
          to.refuseMessage(bytes, channel);
        }
      } else if (message instanceof SipFramer.UnreadableStream refused) {
        to.receiveRefused(refused, from);
        // The response is written by this event loop before the close runs.
        ctx.channel().eventLoop().execute(ctx::close);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof HandshakeComplete) {
        register(ctx.channel());
      } else if (event instanceof IdleStateEvent) {
        ctx.close();
      } else if (event instanceof SslHandshakeCompletionEvent done && !done.isSuccess()) {
        metrics.defect(SipDefect.TLS_HANDSHAKE);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      LOG.debug("{}: {}", protocol, JainSipLog.cut(cause.toString()));
      ctx.close();
    }
  }
}
