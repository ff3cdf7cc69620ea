package org.linescribe.bench.load;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A client on a plain TCP connection that never reads an answer, or that stalls in the middle of
 * what it sends.
 */
final class Nuisance implements AutoCloseable {
  private static final int TEXT = 0x81;
  private static final int BINARY = 0x82;

  /** Small, so that what nobody reads soon stands in the gateway and not in the kernel. */
  private static final int RECEIVE_BUFFER_BYTES = 4096;

  /**
   * What it sends.
   *
   * @param head of the HTTP request
   * @param upgrades whether the connection becomes a WebSocket
   * @param chunks in order; of a WebSocket whole frames
   * @param chunkNs between two chunks
   */
  record Manners(byte[] head, boolean upgrades, List<byte[]> chunks, long chunkNs) {}

  /** How the gateway treated it. */
  private volatile String fate = "still connected at the end";

  private final Socket socket;
  private final Thread thread;
  private final long startNs = System.nanoTime();

  private Nuisance(int port, Manners manners, boolean stalls) throws IOException {
    socket = new Socket();
    socket.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    thread = Thread.ofVirtual().start(() -> run(manners, stalls));
  }

  /** Sends everything in time and reads nothing. */
  static Nuisance slowReader(int port, Manners manners) throws IOException {
    return new Nuisance(port, manners, false);
  }

  /** Sends two chunks, where it has as many, and half of the next. */
  static Nuisance stuckUploader(int port, Manners manners) throws IOException {
    return new Nuisance(port, manners, true);
  }

  private void run(Manners manners, boolean stalls) {
    try {
      OutputStream out = socket.getOutputStream();
      out.write(manners.head());
      if (manners.upgrades()) {
        readHead(socket.getInputStream());
      }
      if (stalls) {
        int whole = Math.min(2, manners.chunks().size() - 1);
        for (byte[] chunk : manners.chunks().subList(0, whole)) {
          out.write(chunk);
        }
        byte[] next = manners.chunks().get(whole);
        out.write(Arrays.copyOf(next, next.length / 2));
        out.flush();
        // Unlike the slow reader it would hear that it is sent away.
        int read = socket.getInputStream().read(new byte[1024]);
        while (read >= 0) {
          read = socket.getInputStream().read(new byte[1024]);
        }
        ended("closed by the gateway");
        return;
      }
      for (byte[] chunk : manners.chunks()) {
        out.write(chunk);
        TimeUnit.NANOSECONDS.sleep(manners.chunkNs());
      }
    } catch (IOException broken) {
      ended("cut off");
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private void ended(String how) {
    if (!socket.isClosed()) {
      fate = how + " after " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs) + " s";
    }
  }

  private static void readHead(InputStream in) throws IOException {
    int matched = 0;
    while (matched < 4) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("no answer to the upgrade");
      }
      matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
    }
  }

  String fate() {
    return fate;
  }

  /**
   * On a WebSocket.
   *
   * @param texts the first goes before everything, the others before each chunk
   */
  static Manners webSocket(
      String path, List<byte[]> texts, byte[] bytes, int frameBytes, long frameNs) {
    String head =
        "GET "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    List<byte[]> chunks = new ArrayList<>();
    if (!texts.isEmpty()) {
      chunks.add(frame(TEXT, texts.getFirst()));
    }
    for (int at = 0; at < bytes.length; at += frameBytes) {
      for (byte[] text : texts.subList(Math.min(1, texts.size()), texts.size())) {
        chunks.add(frame(TEXT, text));
      }
      chunks.add(
          frame(BINARY, Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + frameBytes))));
    }
    return new Manners(head.getBytes(StandardCharsets.US_ASCII), true, chunks, frameNs);
  }

  /** RFC 6455 §5.2, masked with zeros. */
  private static byte[] frame(int head, byte[] payload) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(frame)) {
      out.writeByte(head);
      if (payload.length < 126) {
        out.writeByte(0x80 | payload.length);
      } else {
        out.writeByte(0x80 | 126);
        out.writeShort(payload.length);
      }
      out.writeInt(0);
      out.write(payload);
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
    return frame.toByteArray();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException alreadyGone) {
      // nothing is left to close
    }
    thread.interrupt();
  }
}
