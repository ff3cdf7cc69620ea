package org.linescribe.gateway.call;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A TCP port of loopback at which nobody listens, and which nobody else is given meanwhile: who
 * connects is refused. A server may bind it all the same, as servers reuse addresses.
 */
final class HeldPort implements AutoCloseable {
  private final Socket holder = new Socket();

  HeldPort() throws IOException {
    holder.setReuseAddress(true);
    holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  int number() {
    return holder.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    holder.close();
  }
}
