package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * SIPp as the one that is called: a real SIP peer that nobody here wrote, with a socket of the
 * test's to receive RTP.
 */
final class SippServer implements AutoCloseable {
  private static final int LIMIT_S = 120;

  final List<byte[]> packets = new CopyOnWriteArrayList<>();
  final int port;
  private final DatagramSocket rtp;
  private final Process sipp;
  private final Path folder;

  /**
   * @param scenario a SIPp scenario; serves one call
   * @param transport "udp" or "tcp"
   */
  SippServer(Path scenario, String transport, Path folder) throws IOException {
    this.folder = folder;
    this.rtp = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::listen);
    Started started =
        Started.listening(transport, port -> begin(scenario, transport, port, folder));
    this.sipp = started.process();
    this.port = started.port();
  }

  private Process begin(Path scenario, String transport, int port, Path folder) throws IOException {
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
            "" + rtp.getLocalPort(),
            "-t",
            transport.equals("tcp") ? "t1" : "u1"));
    command.addAll(List.of("-trace_err", "-error_file", folder.resolve("errors.log").toString()));
    command.addAll(
        List.of("-trace_msg", "-message_file", folder.resolve("messages.log").toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("sipp.log").toFile())
        .directory(folder.toFile())
        .start();
  }

  private void listen() {
    DatagramPacket datagram = new DatagramPacket(new byte[2048], 2048);
    try {
      while (true) {
        rtp.receive(datagram);
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

  /** Sends SIPp a request of its call, past the caller; SIPp knows a call by its Call-ID. */
  void sayWithinTheCall(String method) throws IOException {
    Matcher callId = Pattern.compile("(?m)^Call-ID:.*$").matcher(messages());
    assertThat(callId.find()).isTrue();
    String request =
        String.join(
            "\r\n",
            method + " sip:uas@127.0.0.1 SIP/2.0",
            "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK-aside",
            "From: <sip:aside@127.0.0.1>;tag=1",
            "To: <sip:uas@127.0.0.1>;tag=2",
            callId.group().strip(),
            "CSeq: 9 " + method,
            "Content-Length: 0",
            "",
            "");
    byte[] bytes = request.getBytes(StandardCharsets.US_ASCII);
    rtp.send(new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
  }

  String messages() throws IOException {
    Path messages = folder.resolve("messages.log");
    return Files.exists(messages) ? Files.readString(messages) : "";
  }

  @Override
  public void close() {
    sipp.destroyForcibly();
    rtp.close();
  }
}
