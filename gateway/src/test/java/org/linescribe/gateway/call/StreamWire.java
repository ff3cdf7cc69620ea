package org.linescribe.gateway.call;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** SIP over TCP or TLS, by the JDK's socket. */
final class StreamWire implements SipWire {
  private final Socket socket;
  private final InputStream in;
  private final StringBuilder received = new StringBuilder();

  /**
   * Connects, with the handshake done.
   *
   * @param context null for TCP
   */
  StreamWire(InetSocketAddress gateway, SSLContext context) throws IOException {
    socket = context == null ? new Socket() : context.getSocketFactory().createSocket();
    socket.connect(gateway);
    if (socket instanceof SSLSocket secure) {
      secure.startHandshake();
    }
    in = socket.getInputStream();
  }

  @Override
  public String transport() {
    return socket instanceof SSLSocket ? "TLS" : "TCP";
  }

  @Override
  public int localPort() {
    return socket.getLocalPort();
  }

  /** The gateway's. */
  X509Certificate certificate() throws IOException {
    return (X509Certificate) ((SSLSocket) socket).getSession().getPeerCertificates()[0];
  }

  @Override
  public void send(byte[] message) throws IOException {
    socket.getOutputStream().write(message);
    socket.getOutputStream().flush();
  }

  @Override
  public Optional<String> receive(int limitMs) throws IOException {
    socket.setSoTimeout(limitMs);
    byte[] buffer = new byte[8192];
    while (true) {
      int head = received.indexOf("\r\n\r\n");
      if (head >= 0) {
        int body =
            Integer.parseInt(
                RawSipPeer.parse(received.toString()).header("Content-Length").orElse("0"));
        int whole = head + 4 + body;
        if (received.length() >= whole) {
          String message = received.substring(0, whole);
          received.delete(0, whole);
          return Optional.of(message);
        }
      }
      try {
        int read = in.read(buffer);
        if (read < 0) {
          throw new IOException("closed by the gateway");
        }
        received.append(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
      } catch (SocketTimeoutException e) {
        return Optional.empty();
      }
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
