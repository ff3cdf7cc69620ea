package org.linescribe.gateway.audiosocket;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.leg.OperatedSource;
import org.linescribe.session.Sessions;
import org.linescribe.session.calls.CallLog;

/**
 * Listens for AudioSocket connections. Draining is the sessions': a source that they close is hung
 * up.
 *
 * <p>Thread: one at a time; {@link #close} blocks.
 */
public final class AudioSocketServer implements AutoCloseable {
  private static final int MAX_EVENT_LOOPS = 4;

  private final AudioSocketSettings settings;
  private final Sessions sessions;
  private final AudioSocketMeters meters;
  private final Clock clock;
  private final CallLog callLog;
  private final Set<AudioSocketConnection> connections = ConcurrentHashMap.newKeySet();
  private final Semaphore permits;
  private @Nullable EventLoopGroup loops;
  private @Nullable ExecutorService blocking;
  private @Nullable Channel server;

  /**
   * @param callLog where the records of connections are kept when they have ended
   */
  public AudioSocketServer(
      AudioSocketSettings settings,
      Sessions sessions,
      MeterRegistry registry,
      Clock clock,
      CallLog callLog) {
    this.clock = clock;
    this.callLog = callLog;
    this.settings = settings;
    this.sessions = sessions;
    this.meters = new AudioSocketMeters(registry);
    this.permits = new Semaphore(settings.maxConnections());
  }

  /**
   * Listens, where the settings say where.
   *
   * @throws IOException with the key and the address, where that cannot be
   */
  public void start() throws IOException {
    if (!settings.isOn()) {
      return;
    }
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            Math.min(MAX_EVENT_LOOPS, Runtime.getRuntime().availableProcessors()),
            new DefaultThreadFactory("audiosocket", true),
            NioIoHandler.newFactory());
    loops = group;
    ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor();
    blocking = virtual;
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel accepted) {
                    admit(accepted, virtual);
                  }
                });
    try {
      server = bootstrap.bind(settings.address()).syncUninterruptibly().channel();
    } catch (Exception notBound) {
      close();
      throw new IOException(
          "linescribe.audiosocket.bind: '"
              + settings.bind()
              + "' (expected: an address of this machine with a free port): "
              + notBound.getMessage(),
          notBound);
    }
  }

  private void admit(SocketChannel accepted, ExecutorService virtual) {
    if (!permits.tryAcquire()) {
      meters.refused.increment();
      accepted.close();
      return;
    }
    AudioSocketConnection connection =
        new AudioSocketConnection(sessions, settings.owner(), virtual, meters, clock, callLog);
    connections.add(connection);
    accepted
        .closeFuture()
        .addListener(
            _ -> {
              connections.remove(connection);
              permits.release();
            });
    accepted
        .pipeline()
        .addLast(
            new IdleStateHandler(settings.idleTimeout().toMillis(), 0, 0, TimeUnit.MILLISECONDS),
            new LengthFieldBasedFrameDecoder(AudioSocketFrame.MAX_BYTES, 1, 2),
            connection);
  }

  /** The open connections. */
  public Collection<? extends OperatedSource> sources() {
    return connections;
  }

  /** The port that is listened on; 0 where none is. */
  public int port() {
    Channel listening = server;
    return listening == null ? 0 : ((InetSocketAddress) listening.localAddress()).getPort();
  }

  /** Idempotent. */
  @Override
  public void close() {
    Channel listening = server;
    EventLoopGroup group = loops;
    ExecutorService virtual = blocking;
    server = null;
    loops = null;
    blocking = null;
    if (listening != null) {
      listening.close().syncUninterruptibly();
    }
    if (group != null) {
      group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }
    if (virtual != null) {
      // The last connections' records are kept.
      virtual.close();
    }
  }
}
