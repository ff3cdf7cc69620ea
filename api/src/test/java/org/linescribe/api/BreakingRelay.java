package org.linescribe.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** A way to a server on which the first connection breaks and all later ones hold. */
public final class BreakingRelay implements AutoCloseable {
  private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final ConcurrentLinkedQueue<Socket> open = new ConcurrentLinkedQueue<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final int serverPort;
  private final int arrives;
  private final Predicate<CharSequence> breaksWhenSent;
  private final Predicate<CharSequence> breaksWhenReceived;

  private BreakingRelay(
      int serverPort,
      int arrives,
      Predicate<CharSequence> breaksWhenSent,
      Predicate<CharSequence> breaksWhenReceived)
      throws IOException {
    this.serverPort = serverPort;
    this.arrives = arrives;
    this.breaksWhenSent = breaksWhenSent;
    this.breaksWhenReceived = breaksWhenReceived;
    Thread.ofVirtual().start(this::accept);
  }

  /**
   * Breaks with something on its way.
   *
   * @param arrives what the server gets at least of what the client sends
   * @param lost what the client sends in vain after that, at least
   */
  public static BreakingRelay afterSending(int serverPort, int arrives, int lost)
      throws IOException {
    return new BreakingRelay(
        serverPort, arrives, sent -> sent.length() >= arrives + lost, _ -> false);
  }

  /** Breaks when the server has sent a text. */
  public static BreakingRelay afterReceiving(int serverPort, String text) throws IOException {
    return new BreakingRelay(
        serverPort, Integer.MAX_VALUE, _ -> false, received -> received.toString().contains(text));
  }

  /** How many connections there were. */
  public int connections() {
    return connections.get();
  }

  public int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
        open.add(client);
        open.add(server);
        boolean first = connections.incrementAndGet() == 1;
        int carried = first ? arrives : Integer.MAX_VALUE;
        relay(client, server, carried, first ? breaksWhenSent : _ -> false);
        relay(server, client, Integer.MAX_VALUE, first ? breaksWhenReceived : _ -> false);
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  /** Each way has a thread: the end of one is the end of both. */
  private static void relay(Socket from, Socket to, int carried, Predicate<CharSequence> breaks) {
    Thread.ofVirtual()
        .start(
            () -> {
              StringBuilder all = new StringBuilder();
              try (from;
                  to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                byte[] part = new byte[512];
                for (int length = in.read(part); length >= 0; length = in.read(part)) {
                  if (all.length() < carried) {
                    out.write(part, 0, length);
                  }
                  all.append(new String(part, 0, length, StandardCharsets.ISO_8859_1));
                  if (breaks.test(all)) {
                    return;
                  }
                }
              } catch (IOException closed) {
                // By the other way's thread.
              }
            });
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
