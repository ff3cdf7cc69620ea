package org.linescribe.session.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A database that answers every connection with MySQL's error packet: the tests' real server runs
 * without grant tables and admits everybody.
 */
class RefusingDatabaseTest {
  private static final int ACCESS_DENIED = 1045;

  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::refuse);
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private void refuse() {
    byte[] text = "Access denied for user 'stranger'".getBytes(StandardCharsets.US_ASCII);
    int length = 3 + text.length;
    byte[] packet =
        ByteBuffer.allocate(4 + length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(length)
            .put((byte) 0xFF)
            .putShort((short) ACCESS_DENIED)
            .put(text)
            .array();
    while (!server.isClosed()) {
      try (Socket client = server.accept();
          OutputStream out = client.getOutputStream()) {
        out.write(packet);
      } catch (IOException closed) {
        // The client has read what it needs, or the test has ended.
      }
    }
  }

  @Test
  void stopsTheStartAndNamesTheSettingsButNoSecret() {
    SqlStoreSettings settings =
        new SqlStoreSettings(
            "jdbc:mysql://127.0.0.1:" + server.getLocalPort() + "/calls",
            "stranger",
            "hidden",
            2,
            Duration.ofSeconds(2),
            Duration.ofSeconds(2));

    assertThatThrownBy(() -> SqlSegmentStore.connect(settings))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("linescribe.mysql.user, linescribe.mysql.password: ")
        .hasMessageNotContainingAny("stranger", "hidden");
  }
}
