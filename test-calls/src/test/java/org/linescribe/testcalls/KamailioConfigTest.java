package org.linescribe.testcalls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.ProjectFiles;
import org.linescribe.testsupport.Tool;

/** The configuration of sip-config/kamailio, run by a real Kamailio. */
@NeedsTool(Tool.KAMAILIO)
class KamailioConfigTest {
  @TempDir Path folder;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void stop() throws InterruptedException {
    for (Process process : started) {
      process.destroy();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  @NeedsTool(Tool.SIPP)
  @Test
  void passesACallOverFromAFullGatewayToTheNext() throws Exception {
    CallAudio audio = CallAudio.read(ProjectFiles.recorded("pin-slt.wav"), G711Law.PCMU);
    try (SippServer gateway =
            new SippServer(ProjectFiles.sipKit().resolve("sipp/uas_answer.xml"), "udp", folder);
        FullGateway full = new FullGateway()) {
      int port =
          start(
              3600,
              "1 sip:127.0.0.1:"
                  + full.port()
                  + " 0 0\n1 sip:127.0.0.1:"
                  + gateway.port
                  + " 0 0\n");
      try (SipCaller caller = Fixtures.sipCaller(port, G711Law.PCMU)) {
        SentAudio sent;
        try (OpenCall call = caller.open("through-kamailio")) {
          sent = call.play(audio, FrameClock.system());
        }
        gateway.assertPassed();

        assertThat(sent.frames()).isEqualTo(audio.frames());
        await().until(() -> gateway.packets.size() >= audio.frames());
        assertThat(gateway.messages())
            .contains("X-Session-Id: through-kamailio", "Record-Route:", "BYE sip:uas@127.0.0.1");
      }
    }
  }

  @Test
  void refusesACallWhenAllGatewaysAreFullAfterItAskedEach() throws Exception {
    try (FullGateway one = new FullGateway();
        FullGateway two = new FullGateway()) {
      int port =
          start(
              3600,
              "1 sip:127.0.0.1:" + one.port() + " 0 0\n1 sip:127.0.0.1:" + two.port() + " 0 0\n");
      try (SipCaller caller = Fixtures.sipCaller(port, G711Law.PCMU);
          OpenCall call = caller.open("x")) {
        throw new AssertionError("answered: " + call.sessionId());
      } catch (CallFailedException refused) {
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.retryAfterS()).contains(10);
      }
      assertThat(one.methods).contains("INVITE");
      assertThat(two.methods).contains("INVITE");
    }
  }

  @Test
  void noticesAGatewayThatDoesNotAnswerOptions() throws Exception {
    try (DeafPort dead = DeafPort.take();
        FullGateway alive = new FullGateway()) {
      start(
          1,
          "1 sip:127.0.0.1:" + alive.port() + " 0 0\n1 sip:127.0.0.1:" + dead.number() + " 0 0\n");

      await().until(() -> log().contains(dead.number() + " does not answer OPTIONS"));
      await().until(() -> alive.methods.contains("OPTIONS"));
      // A machine that stalls may lose it for a moment; it is found again.
      await()
          .until(
              () ->
                  count(log(), alive.port() + " does not answer OPTIONS")
                      <= count(log(), alive.port() + " answers OPTIONS again"));
      assertThat(log()).doesNotContain(dead.number() + " answers OPTIONS again");
    }
  }

  private int start(int pingSeconds, String gateways) throws IOException {
    Path list = Files.writeString(folder.resolve("dispatcher.list"), gateways);
    Started kamailio = Started.listening("udp", port -> begin(port, list, pingSeconds));
    started.add(kamailio.process());
    await()
        .until(() -> log().contains("udp_receiver") || log().contains("probe_max_receive_buffer"));
    return kamailio.port();
  }

  private Process begin(int port, Path list, int pingSeconds) throws IOException {
    List<String> command = new ArrayList<>(List.of("kamailio", "-DD", "-E", "-m", "16", "-M", "4"));
    command.addAll(
        List.of("-f", ProjectFiles.root().resolve("sip-config/kamailio/kamailio.cfg").toString()));
    command.addAll(
        List.of("-A", "GATEWAYS=\"" + list + "\"", "-A", "LISTEN_ADDRESS=udp:127.0.0.1:" + port));
    command.addAll(List.of("-A", "PING_SECONDS=" + pingSeconds));
    command.addAll(
        List.of(
            "-Y",
            folder.toString(),
            "-P",
            folder.resolve("kamailio.pid").toString(),
            "-w",
            folder.toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("kamailio.log").toFile())
        .start();
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("kamailio.log"));
  }

  /** Answers OPTIONS with 200 and INVITE with 503, as a gateway does that takes no more calls. */
  private static final class FullGateway implements AutoCloseable {
    final List<String> methods = new CopyOnWriteArrayList<>();
    private final DatagramSocket socket;

    FullGateway() throws SocketException {
      socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
      Thread.ofVirtual().start(this::serve);
    }

    int port() {
      return socket.getLocalPort();
    }

    private void serve() {
      DatagramPacket datagram = new DatagramPacket(new byte[65_536], 65_536);
      try {
        while (true) {
          socket.receive(datagram);
          String request =
              new String(datagram.getData(), 0, datagram.getLength(), StandardCharsets.UTF_8);
          String method = request.substring(0, request.indexOf(' '));
          methods.add(method);
          if (!method.equals("ACK")) {
            byte[] response = answer(request, method).getBytes(StandardCharsets.UTF_8);
            socket.send(new DatagramPacket(response, response.length, datagram.getSocketAddress()));
          }
        }
      } catch (IOException e) {
        // Closed: the test is over.
      }
    }

    private static String answer(String request, String method) {
      StringBuilder response =
          new StringBuilder(
              method.equals("OPTIONS") ? "SIP/2.0 200 OK\r\n" : "SIP/2.0 503 Full\r\n");
      for (String line : request.split("\r\n")) {
        if (line.matches("(?i)(Via|From|To|Call-ID|CSeq):.*")) {
          response
              .append(line)
              .append(line.matches("(?i)To:.*") && !line.contains("tag=") ? ";tag=full" : "")
              .append("\r\n");
        }
      }
      return response.append("Content-Length: 0\r\n\r\n").toString();
    }

    @Override
    public void close() {
      socket.close();
    }
  }
}
