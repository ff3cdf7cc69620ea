package org.linescribe.api.pipeline;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A port of the loopback where nobody answers, and where nobody can begin to while this is open.
 */
final class DeadPort implements AutoCloseable {
  /** Bound, but not listening: whoever connects is refused. */
  private final Socket bound = new Socket();

  DeadPort() throws IOException {
    bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  int number() {
    return bound.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    bound.close();
  }
}
