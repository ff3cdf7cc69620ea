package org.linescribe.app;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Answers every request over UDP with 403. */
final class FakeRegistrar implements AutoCloseable {
  private final DatagramSocket socket;

  FakeRegistrar() throws IOException {
    socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::refuse);
  }

  String uri() {
    return "sip:127.0.0.1:" + socket.getLocalPort();
  }

  private void refuse() {
    DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
    try {
      while (true) {
        packet.setLength(4096);
        socket.receive(packet);
        String request =
            new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
        StringBuilder answer = new StringBuilder("SIP/2.0 403 Forbidden\r\n");
        request
            .lines()
            .filter(line -> line.matches("(?i)(via|from|to|call-id|cseq):.*"))
            .forEach(line -> answer.append(line).append("\r\n"));
        byte[] bytes =
            answer.append("Content-Length: 0\r\n\r\n").toString().getBytes(StandardCharsets.UTF_8);
        socket.send(
            new DatagramPacket(
                bytes, bytes.length, Objects.requireNonNull(packet.getSocketAddress())));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
