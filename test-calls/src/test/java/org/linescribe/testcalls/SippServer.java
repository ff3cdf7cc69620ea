package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * SIPp as the one that is called: a real SIP peer that nobody here wrote, with a socket of the
 * test's as its ear for RTP.
 */
final class SippServer implements AutoCloseable {
  private static final int LIMIT_S = 40;

  final List<byte[]> packets = new CopyOnWriteArrayList<>();
  final int port;
  private final DatagramSocket ear;
  private final Process sipp;
  private final Path folder;

  /**
   * @param scenario a SIPp scenario; serves one call
   * @param transport "udp" or "tcp"
   */
  SippServer(Path scenario, String transport, Path folder) throws IOException {
    Fixtures.needs("sipp");
    Fixtures.needs(scenario);
    this.folder = folder;
    this.ear = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    this.port = Fixtures.freePort();
    List<String> command =
        new ArrayList<>(
            List.of("sipp", "-sf", scenario.toString(), "-i", "127.0.0.1", "-mi", "127.0.0.1"));
    command.addAll(
        List.of(
            "-ci",
            "127.0.0.1",
            "-p",
            "" + port,
            "-mp",
            "" + Fixtures.freePort() / 2 * 2,
            "-m",
            "1",
            "-nostdin"));
    command.addAll(
        List.of(
            "-timeout",
            LIMIT_S + "",
            "-key",
            "sink",
            "" + ear.getLocalPort(),
            "-t",
            transport.equals("tcp") ? "t1" : "u1"));
    command.addAll(List.of("-trace_err", "-error_file", folder.resolve("errors.log").toString()));
    command.addAll(
        List.of("-trace_msg", "-message_file", folder.resolve("messages.log").toString()));
    sipp =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("sipp.log").toFile())
            .directory(folder.toFile())
            .start();
    Thread.ofVirtual().start(this::listen);
    if (transport.equals("tcp")) {
      await().atMost(Duration.ofSeconds(20)).until(this::accepts);
    }
  }

  private boolean accepts() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private void listen() {
    DatagramPacket datagram = new DatagramPacket(new byte[2048], 2048);
    try {
      while (true) {
        ear.receive(datagram);
        packets.add(Arrays.copyOf(datagram.getData(), datagram.getLength()));
      }
    } catch (SocketException e) {
      // Closed: the test is over.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The scenario was gone through to its end. */
  void assertPassed() throws InterruptedException, IOException {
    assertThat(sipp.waitFor(LIMIT_S, TimeUnit.SECONDS)).as("SIPp ends").isTrue();
    assertThat(sipp.exitValue()).as(messages()).isZero();
  }

  String messages() throws IOException {
    Path messages = folder.resolve("messages.log");
    return Files.exists(messages) ? Files.readString(messages) : "";
  }

  @Override
  public void close() {
    sipp.destroyForcibly();
    ear.close();
  }
}
