package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.Patience;

/** Requests that deviate from the standard in ways that telephones do, and are served. */
class LenientWireTest extends CalledGateway {
  private static String withoutLength(String request) {
    return request.replaceFirst("Content-Length: \\d+\r\n", "");
  }

  /** RFC 3261 §18.3: a datagram without Content-Length has a body up to its end. */
  @Test
  void readsTheOfferOfAnInviteWithoutContentLength() throws IOException {
    peer.send(
        withoutLength(peer.request("INVITE", "", peer.sdp().replace("RTP/AVP 0", "RTP/AVP 8"))));

    RawSipPeer.Message ok = peer.awaitFinal();

    assertThat(ok.status()).isEqualTo(200);
    assertThat(ok.body()).contains("PCMA/8000").doesNotContain("PCMU");
  }

  @Test
  void readsTheAnswerOfAnAckWithoutContentLength() throws IOException {
    peer.send(peer.request("INVITE", "", ""));
    RawSipPeer.Message ok = peer.awaitFinal();
    peer.remember(ok);

    peer.send(
        withoutLength(
            peer.request("ACK", "", peer.sdp())
                .replaceFirst("CSeq: \\d+", "CSeq: " + ok.header("CSeq").get().split(" ")[0])));

    await().until(() -> "pcmu".equals(sessions.only().attributes().get("codec")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"INVITE", "UPDATE"})
  void readsTheNewOfferOfARequestWithoutContentLength(String method) throws IOException {
    peer.call("");

    peer.send(
        withoutLength(peer.request(method, "", peer.sdp().replace("RTP/AVP 0", "RTP/AVP 8"))));

    assertThat(peer.await(m -> m.header("CSeq").orElse("").endsWith(method)).body())
        .contains("PCMA/8000");
    await().until(() -> "pcma".equals(sessions.only().attributes().get("codec")));
  }

  @Test
  void servesLineFeedsAloneWithoutContentLength() throws IOException {
    peer.send(withoutLength(peer.request("INVITE", "", peer.sdp())).replace("\r\n", "\n"));

    assertThat(peer.awaitFinal().body()).contains("PCMU/8000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"INVITE", "OPTIONS"})
  void servesARequestWithoutMaxForwards(String method) throws IOException {
    String body = method.equals("INVITE") ? peer.sdp() : "";

    peer.send(peer.request(method, "", body).replaceFirst("Max-Forwards: 70\r\n", ""));

    assertThat(peer.awaitFinal().status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-Session-Id:\r\n", "X-Session-Id: \t \r\n"})
  void makesASessionIdWhereTheHeaderIsEmpty(String header) throws IOException {
    RawSipPeer.Message ok = peer.call(header);

    assertThat(ok.status()).isEqualTo(200);
    assertThat(ok.header("X-Session-Id").orElseThrow()).isNotEmpty();
  }

  /** RFC 3261 §25.1: a Call-ID is a word, and another behind an at sign. */
  @Test
  void takesACallIdAsSessionId() throws IOException {
    RawSipPeer.Message ok = peer.call("X-Session-Id: f81d4fae:7dec-11d0@foo.example.com\r\n");

    assertThat(ok.status()).isEqualTo(200);
    assertThat(ok.header("X-Session-Id")).contains("f81d4fae:7dec-11d0@foo.example.com");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0", "\0\0\0\0", "\r\n\0", "\0\r\n"})
  void ignoresWhatPadsASessionDescription(String padding) throws IOException {
    peer.send(peer.request("INVITE", "", peer.sdp() + padding));

    assertThat(peer.awaitFinal().status()).isEqualTo(200);
  }

  /** RFC 3261 §17.2.3: a branch without the magic cookie, which an older peer counts from one. */
  @Test
  void cancelsTheRightCallOfAnOlderSip() throws Exception {
    restart(SettingsDefaults.of(CallSettings.class, Map.of("answerDelay", Duration.ofMinutes(3))));
    try (RawSipPeer other = new RawSipPeer(gateway.udpAddress())) {
      for (RawSipPeer each : List.of(peer, other)) {
        each.send(each.request("INVITE", "1", "", each.sdp()));
        assertThat(each.await(m -> m.status() == 180).header("Via").orElseThrow())
            .contains(";branch=1;")
            .doesNotContain("z9hG4bK");
      }

      peer.cancel();

      assertThat(peer.await(m -> m.header("CSeq").orElse("").endsWith("CANCEL")).status())
          .isEqualTo(200);
      RawSipPeer.Message refused = peer.await(m -> m.status() == 487);
      peer.ackRejected(refused);
      await().until(() -> openCalls() == 1);
    }
  }

  @Test
  void namesTheMissingConnectionLine() throws IOException {
    peer.send(peer.request("INVITE", "", peer.sdp().replaceFirst("c=[^\r]*\r\n", "")));

    RawSipPeer.Message refused = peer.awaitFinal();

    assertThat(refused.status()).isEqualTo(488);
    assertThat(refused.header("Warning").orElseThrow()).contains("c=");
    peer.ackRejected(refused);
  }

  /** The first two precede a request, the others are a folded, empty continuation. */
  @ParameterizedTest
  @CsvSource({"' \r\n',''", "'\t\r\n \r\n',''", "'',' \r\n'", "'','  \t\r\n'"})
  void servesAStreamWithABlankLineThatHoldsSpaces(String before, String within) throws Exception {
    try (Socket socket = connect()) {
      String request = stream(peer.request("OPTIONS", "", ""));

      write(socket, before + request.replaceFirst("Max-Forwards: 70\r\n", "$0" + within));
      assertThat(status(socket)).isEqualTo(200);

      write(socket, stream(peer.request("OPTIONS", "", "")));
      assertThat(status(socket)).isEqualTo(200);
    }
  }

  /** RFC 3261 §18.2.2: to the host of the source, and the port of the Via. */
  @Test
  void opensAConnectionForTheResponseWhereThatOfTheRequestIsClosed() throws Exception {
    sessions.holdOpenings();
    try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      listener.setSoTimeout(Patience.LIMIT_MS);
      String invite =
          stream(peer.request("INVITE", "", peer.sdp()))
              .replaceFirst("(Via: SIP/2.0/TCP 127.0.0.1):\\d+", "$1:" + listener.getLocalPort());
      try (Socket socket = connect()) {
        write(socket, invite);
        assertThat(status(socket)).isEqualTo(100);
        assertThat(status(socket)).isEqualTo(180);
      }
      await().until(() -> registry.get("linescribe.sip.connections").gauge().value() == 0);

      sessions.letOpen();

      try (Socket fresh = listener.accept()) {
        assertThat(status(fresh)).isEqualTo(200);
      }
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.tcpAddress().getPort());
    socket.setSoTimeout(Patience.LIMIT_MS);
    return socket;
  }

  private static String stream(String request) {
    return request.replace("SIP/2.0/UDP", "SIP/2.0/TCP");
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads one response and returns its status. */
  private static int status(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      assertThat(next).as("after '" + head + "'").isNotNegative();
      head.append((char) next);
    }
    RawSipPeer.Message message = RawSipPeer.parse(head.toString());
    in.readNBytes(Integer.parseInt(message.header("Content-Length").orElse("0")));
    return message.status();
  }
}
