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

/**
 * The stack's listening point of one transport. The socket is bound before the stack knows it, so
 * that port 0 works and a port in use is distinguished from other failures.
 *
 * <p>Thread: any.
 */
final class SipMessageProcessor extends MessageProcessor {
  private final SipTransport transport;
  private final SipProtocol protocol;
  private final SipSockets sockets;

  SipMessageProcessor(
      SipTransport transport,
      SIPTransactionStack stack,
      InetAddress address,
      int port,
      SipProtocol protocol,
      SipSockets sockets) {
    super(address, port, protocol.lowerCase(), stack);
    this.transport = transport;
    this.protocol = protocol;
    this.sockets = sockets;
  }

  SipTransport transport() {
    return transport;
  }

  SipProtocol protocol() {
    return protocol;
  }

  /** The socket of a datagram transport. */
  Channel channel() {
    return sockets.listening(protocol);
  }

  @Override
  public MessageChannel createMessageChannel(HostPort target) throws IOException {
    int port = target.getPort() <= 0 ? protocol.defaultPort() : target.getPort();
    return channelTo(
        new InetSocketAddress(target.getInetAddress(), port), target.getHost().getHostname());
  }

  @Override
  public MessageChannel createMessageChannel(InetAddress host, int port) throws IOException {
    return channelTo(new InetSocketAddress(host, port), host.getHostAddress());
  }

  private SipMessageChannel channelTo(InetSocketAddress peer, String name) throws IOException {
    return protocol.isStream() ? connect(peer, name) : SipMessageChannel.udp(this, peer);
  }

  /**
   * The open connection to a peer, or a new one that may still be connecting.
   *
   * @param name the peer's host as a URI had it
   */
  SipMessageChannel connect(InetSocketAddress peer, String name) throws IOException {
    ChannelFuture open = sockets.streams(protocol).connect(peer, name);
    if (open == null) {
      throw new IOException("the connection is closed");
    }
    return SipMessageChannel.stream(this, peer, open);
  }

  @Override
  public SIPTransactionStack getSIPStack() {
    return sipStack;
  }

  @Override
  public void start() {}

  @Override
  public void stop() {
    sockets.listening(protocol).close();
  }

  @Override
  public int getDefaultTargetPort() {
    return protocol.defaultPort();
  }

  @Override
  public boolean isSecure() {
    return protocol.isSecure();
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
