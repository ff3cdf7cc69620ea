package org.linescribe.gateway.sip;

import gov.nist.javax.sip.message.SIPMessage;
import gov.nist.javax.sip.stack.MessageChannel;
import gov.nist.javax.sip.stack.RawMessageChannel;
import gov.nist.javax.sip.stack.SIPTransactionStack;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The stack's view of one peer: where a message came from, or where one shall go.
 *
 * <p>Sending never blocks: the socket's event loop writes. A TCP peer that does not read what it is
 * sent loses its connection.
 *
 * <p>Thread: any.
 */
final class SipMessageChannel extends MessageChannel implements RawMessageChannel {
  private final SipMessageProcessor processor;
  private final InetSocketAddress source;
  private final @Nullable ChannelFuture connection;
  private volatile int replyPort;

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

  static SipMessageChannel tcp(
      SipMessageProcessor processor, InetSocketAddress peer, ChannelFuture connection) {
    return new SipMessageChannel(processor, peer, connection);
  }

  /** The port that the top Via asks for, where it asks for no rport. */
  void replyPort(int port) {
    replyPort = port;
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
      if (!reconnect) {
        throw new IOException("the connection is closed");
      }
      SipMessageChannel fresh = processor.connect(new InetSocketAddress(host, port));
      fresh.write(message, host, port, false);
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

  /** Sends bytes back to where the last message came from. */
  void reply(byte[] message) {
    try {
      write(message, source.getAddress(), source.getPort(), false);
    } catch (IOException e) {
      // the peer is gone, and so is its wish for an answer
    }
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
    return false;
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
