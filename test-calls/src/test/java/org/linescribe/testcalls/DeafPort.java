package org.linescribe.testcalls;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A port of loopback, of UDP and of TCP, at which nobody listens and which nobody else is given
 * meanwhile. The system refuses what comes: the datagram socket is connected to somebody else, the
 * stream socket does not listen.
 */
final class DeafPort implements AutoCloseable {
  private static final int TRIES = 50;

  private final DatagramSocket datagrams;
  private final Socket stream;

  private DeafPort(DatagramSocket datagrams, Socket stream) {
    this.datagrams = datagrams;
    this.stream = stream;
  }

  static DeafPort take() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    for (int attempt = 1; ; attempt++) {
      DatagramSocket datagrams = new DatagramSocket(0, loopback);
      datagrams.connect(new InetSocketAddress(loopback, 9));
      Socket stream = new Socket();
      try {
        stream.bind(new InetSocketAddress(loopback, datagrams.getLocalPort()));
        return new DeafPort(datagrams, stream);
      } catch (IOException e) {
        // Somebody has the number for TCP.
        datagrams.close();
        stream.close();
        if (attempt == TRIES) {
          throw e;
        }
      }
    }
  }

  int number() {
    return datagrams.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    datagrams.close();
    stream.close();
  }
}
