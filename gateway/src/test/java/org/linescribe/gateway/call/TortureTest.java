package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipBindException;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.testsupport.Patience;
import org.linescribe.testsupport.ProjectFiles;

/**
 * The messages of RFC 4475, and what its readers must answer. One gateway takes all datagrams,
 * another all streams, though many of the messages share a branch.
 */
class TortureTest {
  /** A final answer that a robust server may give; see rfc4475/README.md of the kit. */
  private static final Map<String, Set<Integer>> ANSWERS =
      Map.ofEntries(
          Map.entry("wsinv", Set.of(481, 400)),
          Map.entry("intmeth", Set.of(501, 400)),
          Map.entry("esc02", Set.of(501, 400)),
          Map.entry("escnull", Set.of(405, 400)),
          Map.entry("lwsdisp", Set.of(200)),
          Map.entry("semiuri", Set.of(200)),
          Map.entry("transports", Set.of(200)),
          Map.entry("mpart01", Set.of(405)),
          Map.entry("badinv01", Set.of(400)),
          Map.entry("ncl", Set.of(400)),
          Map.entry("scalar02", Set.of(400, 405)),
          Map.entry("quotbal", Set.of(400)),
          Map.entry("ltgtruri", Set.of(400)),
          Map.entry("badvers", Set.of(505)),
          Map.entry("mismatch01", Set.of(400)),
          Map.entry("mismatch02", Set.of(400, 501)),
          Map.entry("unkscm", Set.of(416, 400)),
          Map.entry("novelsc", Set.of(416, 400)),
          Map.entry("unksm2", Set.of(405, 400)),
          Map.entry("bext01", Set.of(420)),
          Map.entry("invut", Set.of(415)),
          Map.entry("regaut01", Set.of(405)),
          Map.entry("multi01", Set.of(400)),
          Map.entry("mcl01", Set.of(400)),
          Map.entry("zeromf", Set.of(200)),
          Map.entry("cparam01", Set.of(405)),
          Map.entry("cparam02", Set.of(405)),
          Map.entry("regescrt", Set.of(405)),
          Map.entry("sdp01", Set.of(406, 400)),
          Map.entry("inv2543", Set.of(200, 400)),
          Map.entry("esc01", Set.of(200)),
          Map.entry("longreq", Set.of(200)),
          Map.entry("dblreq", Set.of(405)),
          Map.entry("lwsruri", Set.of(400, 481)),
          Map.entry("lwsstart", Set.of(400, 200)),
          Map.entry("trws", Set.of(400, 200)),
          Map.entry("escruri", Set.of(400, 200)),
          Map.entry("baddate", Set.of(200)),
          Map.entry("regbadct", Set.of(400, 405)),
          Map.entry("badaspec", Set.of(400, 200)),
          Map.entry("badbranch", Set.of(400, 200)));

  /** Whose end only a datagram tells. */
  private static final Map<String, Set<Integer>> DATAGRAM_ANSWERS =
      Map.of("clerr", Set.of(400), "baddn", Set.of(400, 200));

  private static final Pattern TOP_VIA =
      Pattern.compile("(?im)^((?:v|via)[ \\t]*:\\s*SIP\\s*/\\s*[^ ]+\\s+[^;,\\s]+)");

  /** Responses, an ACK, or what cannot be answered: silence is right. */
  private static final Set<String> SILENT =
      Set.of("unreason", "noreason", "scalarlg", "bigcode", "bcast", "insuf");

  @TempDir static Path work;
  private static final RecordingSessionsFake SESSIONS = new RecordingSessionsFake();
  private static SipGateway gateway;
  private static SipGateway streamGateway;

  @BeforeAll
  static void start() throws Exception {
    gateway = fresh();
    streamGateway = fresh();
  }

  private static SipGateway fresh() throws SipBindException {
    SipGateway made =
        new SipGateway(
            SipSettings.on("127.0.0.1:0"),
            RtpSettings.on("0"),
            CallSettings.defaults(),
            SESSIONS,
            new SimpleMeterRegistry(),
            Clock.systemUTC());
    made.start();
    return made;
  }

  @AfterAll
  static void stop() {
    for (SipGateway started : new SipGateway[] {gateway, streamGateway}) {
      if (started != null) {
        started.stop();
      }
    }
  }

  private static Path messages() {
    return ProjectFiles.sipKit().resolve("rfc4475");
  }

  static Stream<String> names() throws IOException {
    try (Stream<Path> files = Files.list(messages())) {
      return files
          .map(p -> p.getFileName().toString())
          .filter(n -> n.endsWith(".dat"))
          .map(n -> n.substring(0, n.length() - 4))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void survivesTheDatagram(String name) throws IOException {
    byte[] message = Files.readAllBytes(messages().resolve(name + ".dat"));

    try (RawSipPeer peer = new RawSipPeer(gateway.udpAddress())) {
      message = withRport(message);
      peer.sip.send(new DatagramPacket(message, message.length, gateway.udpAddress()));
      Set<Integer> expected = ANSWERS.getOrDefault(name, DATAGRAM_ANSWERS.get(name));
      if (expected != null) {
        RawSipPeer.Message answer = peer.awaitFinal();
        assertThat(answer.status()).isIn(expected);
        if (name.equals("longreq")) {
          assertThat(viaHosts(answer.head()))
              .hasSize(34)
              .isEqualTo(viaHosts(new String(message, StandardCharsets.ISO_8859_1)));
        }
      }
      assertThat(peer.exchange("OPTIONS", "", "").status()).isEqualTo(200);
    }
  }

  /** Else the answer goes to port 5060: asks for it at the port of the sender (RFC 3581). */
  private static byte[] withRport(byte[] message) {
    return TOP_VIA
        .matcher(new String(message, StandardCharsets.ISO_8859_1))
        .replaceFirst("$1;rport")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static List<String> viaHosts(String head) {
    return Pattern.compile("SIP/2\\.0/(?:TCP|UDP) ([^;,\\s]+)")
        .matcher(head)
        .results()
        .map(via -> via.group(1))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("names")
  void answersTheMessageOnAStreamAsTheStandardSays(String name) throws Exception {
    byte[] message = Files.readAllBytes(messages().resolve(name + ".dat"));

    try (RawSipPeer peer = new RawSipPeer(streamGateway.udpAddress())) {
      try (Socket socket =
          new Socket(InetAddress.getLoopbackAddress(), streamGateway.tcpAddress().getPort())) {
        socket.getOutputStream().write(message);
        Set<Integer> expected = ANSWERS.get(name);
        if (expected != null) {
          assertThat(finalStatus(socket)).isIn(expected);
        } else if (SILENT.contains(name)) {
          assertThat(callIdOfTheFirstAnswer(socket, peer)).contains(peer.callId);
        }
      }
      assertThat(peer.exchange("OPTIONS", "", "").status()).isEqualTo(200);
    }
  }

  /** What comes first, if anything, answers the request behind it; or the stream is closed. */
  private static Optional<String> callIdOfTheFirstAnswer(Socket socket, RawSipPeer peer)
      throws IOException {
    String next = peer.request("OPTIONS", "", "").replace("SIP/2.0/UDP", "SIP/2.0/TCP");
    try {
      socket.getOutputStream().write(next.getBytes(StandardCharsets.UTF_8));
      return firstMessage(socket).flatMap(message -> message.header("Call-ID"));
    } catch (SocketException e) {
      return Optional.empty();
    }
  }

  private static int finalStatus(Socket socket) throws IOException {
    int status = 100;
    while (status >= 100 && status < 200) {
      status = firstMessage(socket).orElseThrow().status();
    }
    return status;
  }

  /** The next message, empty when the stream ends before it. */
  private static Optional<RawSipPeer.Message> firstMessage(Socket socket) throws IOException {
    socket.setSoTimeout(Patience.LIMIT_MS);
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        return Optional.empty();
      }
      head.append((char) next);
    }
    RawSipPeer.Message message = RawSipPeer.parse(head.toString());
    int body = Integer.parseInt(message.header("Content-Length").orElse("0"));
    assertThat(new String(in.readNBytes(body), StandardCharsets.UTF_8)).hasSize(body);
    return Optional.of(message);
  }
}
