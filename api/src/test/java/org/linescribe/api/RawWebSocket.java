package org.linescribe.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.linescribe.testsupport.Patience;

/**
 * A WebSocket client that does nothing by itself: it answers no ping and no close, and sends what a
 * test gives it, be it against the protocol.
 */
public final class RawWebSocket implements AutoCloseable {
  private final Socket socket;

  /**
   * A frame of the server.
   *
   * @param opcode RFC 6455 §5.2
   */
  public record Frame(int opcode, byte[] payload) {
    public static final int TEXT = 1;
    public static final int CLOSE = 8;
    public static final int PING = 9;
    public static final int PONG = 10;

    /** Of a close frame. */
    public int closeCode() {
      assertThat(opcode).isEqualTo(CLOSE);
      return (payload[0] & 0xFF) << 8 | payload[1] & 0xFF;
    }
  }

  private RawWebSocket(Socket socket) {
    this.socket = socket;
  }

  public static RawWebSocket upgrade(int port, String path) throws IOException {
    Socket socket = new Socket("127.0.0.1", port);
    socket.setSoTimeout(Math.toIntExact(Patience.LIMIT.toMillis()));
    String request =
        """
        GET %s HTTP/1.1
        Host: 127.0.0.1
        Upgrade: websocket
        Connection: Upgrade
        Sec-WebSocket-Version: 13
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

        """
            .formatted(path)
            .replace("\n", "\r\n");
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    InputStream in = socket.getInputStream();
    StringBuilder response = new StringBuilder();
    while (response.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      assertThat(next).as("%s", response).isNotNegative();
      response.append((char) next);
    }
    assertThat(response.toString()).startsWith("HTTP/1.1 101");
    return new RawWebSocket(socket);
  }

  /** As it is, masked or not. */
  public void sendBytes(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** A masked frame of at most 125 bytes. */
  public void send(boolean last, int opcode, byte[] payload) throws IOException {
    byte[] frame = new byte[6 + payload.length];
    frame[0] = (byte) ((last ? 0x80 : 0) | opcode);
    frame[1] = (byte) (0x80 | payload.length);
    // A mask of zeros changes nothing.
    System.arraycopy(payload, 0, frame, 6, payload.length);
    socket.getOutputStream().write(frame);
  }

  /** The next frame, or null at the end of the stream. */
  public @Nullable Frame next() throws IOException {
    InputStream in = socket.getInputStream();
    int first = in.read();
    if (first < 0) {
      return null;
    }
    int length = in.read();
    if (length == 126) {
      length = in.read() << 8 | in.read();
    }
    byte[] payload = in.readNBytes(length);
    return new Frame(first & 0x0F, Arrays.copyOf(payload, length));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
