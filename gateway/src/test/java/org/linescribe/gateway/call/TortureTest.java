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
  /**
   * The final answer that is given. Where RFC 4475 would allow another as well (rfc4475/README.md
   * of the kit), a parser that changes its mind is still to be seen.
   */
  private static final Map<String, Integer> ANSWERS =
      Map.ofEntries(
          Map.entry("wsinv", 481),
          Map.entry("intmeth", 501),
          Map.entry("esc02", 501),
          Map.entry("escnull", 405),
          Map.entry("lwsdisp", 200),
          Map.entry("semiuri", 200),
          Map.entry("transports", 200),
          Map.entry("mpart01", 405),
          Map.entry("badinv01", 400),
          Map.entry("ncl", 400),
          Map.entry("scalar02", 400),
          Map.entry("quotbal", 400),
          Map.entry("ltgtruri", 400),
          Map.entry("badvers", 505),
          Map.entry("mismatch01", 400),
          Map.entry("mismatch02", 400),
          Map.entry("unkscm", 416),
          Map.entry("novelsc", 416),
          Map.entry("unksm2", 405),
          Map.entry("bext01", 420),
          Map.entry("invut", 415),
          Map.entry("regaut01", 405),
          Map.entry("multi01", 400),
          Map.entry("mcl01", 400),
          Map.entry("zeromf", 200),
          Map.entry("cparam01", 405),
          Map.entry("cparam02", 405),
          Map.entry("regescrt", 405),
          Map.entry("sdp01", 406),
          Map.entry("inv2543", 400),
          Map.entry("esc01", 200),
          Map.entry("longreq", 200),
          Map.entry("dblreq", 405),
          Map.entry("lwsruri", 400),
          Map.entry("lwsstart", 200),
          Map.entry("trws", 200),
          Map.entry("escruri", 200),
          Map.entry("baddate", 200),
          Map.entry("regbadct", 405),
          Map.entry("badaspec", 200),
          Map.entry("badbranch", 200));

  /** Whose end only a datagram tells. */
  private static final Map<String, Integer> DATAGRAM_ANSWERS = Map.of("clerr", 400, "baddn", 200);

  private static final Pattern TOP_VIA =
      Pattern.compile(
          "(?im)^((?:v|via)[ \\t]*:\\s*SIP\\s*/\\s*[^\\s/]+\\s*/\\s*\\S+\\s+[^;,\\s]+)");

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
      Integer expected = ANSWERS.getOrDefault(name, DATAGRAM_ANSWERS.get(name));
      if (expected != null) {
        RawSipPeer.Message answer = peer.awaitFinal();
        assertThat(answer.status()).isEqualTo(expected);
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
        Integer expected = ANSWERS.get(name);
        if (expected != null) {
          assertThat(finalStatus(socket)).isEqualTo(expected);
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
