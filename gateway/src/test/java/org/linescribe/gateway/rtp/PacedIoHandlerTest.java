package org.linescribe.gateway.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An interval that no test outlives shows what waits for it and what does not. */
final class PacedIoHandlerTest {
  private static final int DATAGRAMS = 50;

  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicInteger received = new AtomicInteger();
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1,
          PacedIoHandler.factory(
              NioIoHandler.newFactory(), Duration.ofHours(1).toNanos(), busy::get));

  @AfterEach
  void stop() {
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private InetSocketAddress bind() throws InterruptedException {
    Channel channel =
        new Bootstrap()
            .group(group)
            .channel(NioDatagramChannel.class)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(2048).maxMessagesPerRead(1))
            .handler(
                new SimpleChannelInboundHandler<DatagramPacket>() {
                  @Override
                  protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
                    received.incrementAndGet();
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    return (InetSocketAddress) channel.localAddress();
  }

  private static void send(InetSocketAddress to) throws Exception {
    try (DatagramSocket sender = new DatagramSocket()) {
      for (int i = 0; i < DATAGRAMS; i++) {
        sender.send(new java.net.DatagramPacket(new byte[172], 172, to));
      }
    }
  }

  /** Ends the pause that began before the loop became busy, and waits for the turn after it. */
  private void turn() throws Exception {
    group.submit(() -> {}).get(30, TimeUnit.SECONDS);
  }

  @Test
  void readsASocketDryInOneTurnThoughItTakesOneDatagramForEachPoll() throws Exception {
    InetSocketAddress socket = bind();
    busy.set(true);
    EventLoop loop = group.next();
    // What is scheduled within a turn runs at the end of the next one.
    ScheduledFuture<Integer> atTheEndOfTheNextTurn =
        loop.submit(
                () -> {
                  send(socket);
                  return loop.schedule(received::get, 1, TimeUnit.MILLISECONDS);
                })
            .get(30, TimeUnit.SECONDS);

    assertThat(atTheEndOfTheNextTurn.get(30, TimeUnit.SECONDS)).isEqualTo(DATAGRAMS);
  }

  @Test
  void runsTasksThatComeOrAreDueWithoutWaitingForTheInterval() throws Exception {
    bind();
    busy.set(true);
    turn();
    group.schedule(() -> {}, 20, TimeUnit.MILLISECONDS).get(30, TimeUnit.SECONDS);
    turn();
  }

  @Test
  void pausesAgainAfterATaskThatLeftItsThreadInterrupted() throws Exception {
    bind();
    busy.set(true);
    EventLoop loop = group.next();
    ScheduledFuture<Boolean> inALaterTurn =
        loop.submit(
                () -> {
                  Thread.currentThread().interrupt();
                  return loop.schedule(
                      () -> Thread.currentThread().isInterrupted(), 20, TimeUnit.MILLISECONDS);
                })
            .get(30, TimeUnit.SECONDS);

    assertThat(inALaterTurn.get(30, TimeUnit.SECONDS)).isFalse();
  }

  @Test
  void readsDatagramsAsTheyComeWhileThereAreNoCalls() throws Exception {
    send(bind());

    await().until(() -> received.get() == DATAGRAMS);
  }
}
