package org.linescribe.gateway.sip;

import gov.nist.core.HostPort;
import gov.nist.javax.sip.stack.MessageChannel;
import gov.nist.javax.sip.stack.MessageProcessor;
import gov.nist.javax.sip.stack.SIPTransactionStack;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The stack's view of one listening socket, UDP or TCP. The socket is bound before the stack hears
 * of it, so that port 0 works and a port in use is told apart from every other fault.
 *
 * <p>Thread: any.
 */
final class SipMessageProcessor extends MessageProcessor {
  private static final int DEFAULT_PORT = 5060;

  private final SipTransport transport;
  private final Channel channel;
  private final boolean reliable;
  private final Map<InetSocketAddress, ChannelFuture> connections = new ConcurrentHashMap<>();

  SipMessageProcessor(
      SipTransport transport,
      SIPTransactionStack stack,
      InetAddress address,
      int port,
      String protocol,
      Channel channel) {
    super(address, port, protocol, stack);
    this.transport = transport;
    this.channel = channel;
    this.reliable = protocol.equalsIgnoreCase("tcp");
  }

  SipTransport transport() {
    return transport;
  }

  Channel channel() {
    return channel;
  }

  /** Open connections by their remote address. */
  Map<InetSocketAddress, ChannelFuture> connections() {
    return connections;
  }

  @Override
  public MessageChannel createMessageChannel(HostPort target) throws IOException {
    int port = target.getPort() <= 0 ? DEFAULT_PORT : target.getPort();
    return createMessageChannel(target.getInetAddress(), port);
  }

  @Override
  public MessageChannel createMessageChannel(InetAddress host, int port) throws IOException {
    InetSocketAddress peer = new InetSocketAddress(host, port);
    return reliable ? connect(peer) : SipMessageChannel.udp(this, peer);
  }

  /** The open connection to a peer, or a new one, which may still be on its way. */
  SipMessageChannel connect(InetSocketAddress peer) {
    ChannelFuture open = connections.get(peer);
    if (open == null || (open.isDone() && !open.channel().isActive())) {
      open = transport.connect(peer);
    }
    return SipMessageChannel.tcp(this, peer, open);
  }

  @Override
  public SIPTransactionStack getSIPStack() {
    return sipStack;
  }

  @Override
  public void start() {}

  @Override
  public void stop() {
    channel.close();
  }

  @Override
  public int getDefaultTargetPort() {
    return DEFAULT_PORT;
  }

  @Override
  public boolean isSecure() {
    return false;
  }

  @Override
  public int getMaximumMessageSize() {
    return 65_535;
  }

  @Override
  public boolean inUse() {
    return false;
  }
}
