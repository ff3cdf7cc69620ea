package org.linescribe.gateway.sip;

import gov.nist.javax.sip.message.SIPMessage;
import gov.nist.javax.sip.stack.MessageChannel;
import gov.nist.javax.sip.stack.RawMessageChannel;
import gov.nist.javax.sip.stack.SIPTransactionStack;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The stack's channel to one peer: the source of a message, or the target of one.
 *
 * <p>Sending never blocks: the socket's event loop writes. A peer that does not read is
 * disconnected.
 *
 * <p>Thread: any.
 */
final class SipMessageChannel extends MessageChannel implements RawMessageChannel {
  private final SipMessageProcessor processor;
  private final InetSocketAddress source;
  private final @Nullable ChannelFuture connection;
  private volatile int replyPort;
  private volatile int reconnectPort;

  private SipMessageChannel(
      SipMessageProcessor processor, InetSocketAddress source, @Nullable ChannelFuture connection) {
    this.processor = processor;
    this.messageProcessor = processor;
    this.source = source;
    this.connection = connection;
    this.replyPort = source.getPort();
  }

  static SipMessageChannel udp(SipMessageProcessor processor, InetSocketAddress peer) {
    return new SipMessageChannel(processor, peer, null);
  }

  static SipMessageChannel stream(
      SipMessageProcessor processor, InetSocketAddress peer, ChannelFuture connection) {
    return new SipMessageChannel(processor, peer, connection);
  }

  /** Sets the sent-by port of the top Via, for a Via without rport. */
  void replyPort(int port) {
    replyPort = port;
  }

  /** Sets the sent-by port of the top Via, for a response whose connection was closed. */
  void reconnectPort(int port) {
    reconnectPort = port;
  }

  InetSocketAddress source() {
    return source;
  }

  @Override
  public void processMessage(SIPMessage message) {
    processor.transport().process(message, this);
  }

  @Override
  public void sendMessage(SIPMessage message) throws IOException {
    sendMessage(message, source.getAddress(), connection == null ? replyPort : source.getPort());
  }

  @Override
  protected void sendMessage(byte[] message, InetAddress host, int port, boolean reconnect)
      throws IOException {
    write(TransactionBranch.unmarked(message), host, port, reconnect);
  }

  private void write(byte[] message, InetAddress host, int port, boolean reconnect)
      throws IOException {
    processor.transport().countSent(message);
    if (connection == null) {
      processor
          .channel()
          .writeAndFlush(
              new DatagramPacket(
                  Unpooled.wrappedBuffer(message), new InetSocketAddress(host, port)));
      return;
    }
    if (connection.isDone() && !connection.channel().isActive()) {
      // RFC 3261 §18.2.2: a response goes to the source's host and the port of the Via instead.
      int target = reconnect ? port : reconnectPort;
      if (target == 0) {
        throw new IOException("the connection is closed");
      }
      processor
          .connect(new InetSocketAddress(host, target), host.getHostAddress())
          .write(message, host, target, false);
      return;
    }
    connection.addListener(
        done -> {
          Channel channel = connection.channel();
          if (!done.isSuccess() || !channel.isActive()) {
            return;
          }
          if (channel.isWritable()) {
            channel.writeAndFlush(Unpooled.wrappedBuffer(message));
          } else {
            channel.close();
          }
        });
  }

  /** Sends bytes to the source of the message. */
  void reply(byte[] message) {
    try {
      write(message, source.getAddress(), source.getPort(), false);
    } catch (IOException e) {
      // The peer has disconnected and cannot receive an answer.
    }
  }

  /**
   * Runs a task when its connection cannot be opened or ends, unless an answer is there before;
   * over UDP never.
   */
  void onLost(CompletableFuture<?> answer, Runnable task) {
    if (connection == null) {
      return;
    }
    ChannelFutureListener lost = _ -> task.run();
    connection.addListener(
        (ChannelFuture opened) -> {
          if (!opened.isSuccess()) {
            task.run();
            return;
          }
          ChannelFuture end = opened.channel().closeFuture();
          end.addListener(lost);
          // A trunk's connection carries many requests.
          answer.whenComplete((_, _) -> end.removeListener(lost));
        });
  }

  @Override
  public void close() {
    if (connection != null) {
      connection.channel().close();
    }
  }

  @Override
  public SIPTransactionStack getSIPStack() {
    return processor.getSIPStack();
  }

  @Override
  public String getTransport() {
    return processor.getTransport();
  }

  @Override
  public boolean isReliable() {
    return connection != null;
  }

  @Override
  public boolean isSecure() {
    return processor.isSecure();
  }

  @Override
  public gov.nist.javax.sip.header.Via getViaHeader() {
    return processor.getViaHeader();
  }

  @Override
  public String getPeerAddress() {
    return source.getAddress().getHostAddress();
  }

  @Override
  protected InetAddress getPeerInetAddress() {
    return source.getAddress();
  }

  @Override
  protected String getPeerProtocol() {
    return processor.getTransport();
  }

  @Override
  public int getPeerPort() {
    return replyPort;
  }

  @Override
  public int getPeerPacketSourcePort() {
    return source.getPort();
  }

  @Override
  public InetAddress getPeerPacketSourceAddress() {
    return source.getAddress();
  }

  @Override
  public String getKey() {
    return getKey(source.getAddress(), source.getPort(), getTransport());
  }

  @Override
  public String getViaHost() {
    return processor.getIpAddress().getHostAddress();
  }

  @Override
  public int getViaPort() {
    return processor.getPort();
  }
}
