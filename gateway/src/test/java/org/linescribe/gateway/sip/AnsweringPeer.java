package org.linescribe.gateway.sip;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A SIP peer over UDP that answers each request with a status of the test's choice, or none; CANCEL
 * with 200.
 */
public final class AnsweringPeer implements AutoCloseable {
  private final DatagramSocket socket;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile int status;

  /**
   * @param status 0: it answers nothing
   */
  public AnsweringPeer(int status) throws IOException {
    this.status = status;
    socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().name("answering-peer").start(this::serve);
  }

  public int port() {
    return socket.getLocalPort();
  }

  public void status(int now) {
    status = now;
  }

  /** All that came, repetitions too. */
  public List<String> requests() {
    return requests;
  }

  private void serve() {
    byte[] buffer = new byte[8192];
    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
    try {
      while (true) {
        packet.setLength(buffer.length);
        socket.receive(packet);
        String request = new String(buffer, 0, packet.getLength(), StandardCharsets.UTF_8);
        requests.add(request);
        if (status != 0) {
          byte[] answer = answer(request).getBytes(StandardCharsets.UTF_8);
          socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private String answer(String request) {
    StringBuilder response =
        new StringBuilder(
            "SIP/2.0 " + (request.startsWith("CANCEL ") ? 200 : status) + " As Told\r\n");
    for (String line : request.split("\r\n")) {
      if (line.matches("(?i)(via|from|to|call-id|cseq|contact|expires):.*")) {
        response.append(line).append("\r\n");
      }
    }
    return response.append("Content-Length: 0\r\n\r\n").toString();
  }

  @Override
  public void close() {
    // Ends its thread.
    socket.close();
  }
}
