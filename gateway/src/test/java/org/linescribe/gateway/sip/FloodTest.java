package org.linescribe.gateway.sip;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.linescribe.testsupport.Patience;

/** More requests than the stack may remember. */
class FloodTest {
  private static final int MOST = 5;

  @Test
  void refusesWhatBeginsAnewBeyondTheBoundAndServesWhatEnds() throws Exception {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    SipCallHandler none = (dialog, invite) -> invite.reject(SipRefusal.of(486, "Busy Here"));
    try (SipServer server =
            new SipServer(
                SipListeners.of(SipSettings.on("127.0.0.1:0")),
                none,
                registry,
                new RequestFailover(new SipLocator(""), Duration.ofSeconds(4)),
                MOST);
        DatagramSocket peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      peer.setSoTimeout(Patience.LIMIT_MS);
      server.start();
      for (int i = 0; i < MOST; i++) {
        assertThat(answer(server, peer, "INVITE", i)).startsWith("SIP/2.0 486 ");
      }

      String refused = answer(server, peer, "INVITE", MOST);

      assertThat(refused)
          .startsWith("SIP/2.0 503 ")
          .containsPattern("Retry-After: [1-9]")
          .containsPattern("To: <sip:b@127\\.0\\.0\\.1>;tag=")
          .doesNotContain("~");
      assertThat(answer(server, peer, "INVITE", 0)).as("repeated").startsWith("SIP/2.0 486 ");
      assertThat(answer(server, peer, "BYE", 100)).startsWith("SIP/2.0 481 ");
      assertThat(registry.counter("linescribe.sip.defects", "kind", "too_many_requests").count())
          .isEqualTo(1);
    }
  }

  /** RFC 3261 §9.2. The stack would keep each for 32 s, until there is no place for a call. */
  @Test
  void aCancelOfNothingTakesNoPlace() throws Exception {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    SipCallHandler none = (dialog, invite) -> invite.reject(SipRefusal.of(486, "Busy Here"));
    try (SipServer server =
            new SipServer(
                SipListeners.of(SipSettings.on("127.0.0.1:0")),
                none,
                registry,
                new RequestFailover(new SipLocator(""), Duration.ofSeconds(4)),
                MOST);
        DatagramSocket peer = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      peer.setSoTimeout(Patience.LIMIT_MS);
      server.start();
      for (int i = 0; i < 2 * MOST; i++) {
        assertThat(answer(server, peer, "CANCEL", i)).startsWith("SIP/2.0 481 ").contains(";tag=");
      }

      assertThat(answer(server, peer, "INVITE", 100)).startsWith("SIP/2.0 486 ");
      assertThat(registry.counter("linescribe.sip.defects", "kind", "stray_cancel").count())
          .isEqualTo(2 * MOST);
    }
  }

  private static String answer(SipServer server, DatagramSocket peer, String method, int number)
      throws IOException {
    String request =
        String.join(
            "\r\n",
            method + " sip:b@127.0.0.1 SIP/2.0",
            "Via: SIP/2.0/UDP 127.0.0.1:" + peer.getLocalPort() + ";branch=z9hG4bK" + number,
            "From: <sip:a@127.0.0.1>;tag=1",
            "To: <sip:b@127.0.0.1>" + (method.equals("BYE") ? ";tag=2" : ""),
            "Call-ID: call-" + number,
            "CSeq: 1 " + method,
            "Max-Forwards: 70",
            "Contact: <sip:a@127.0.0.1>",
            "Content-Length: 0",
            "",
            "");
    byte[] bytes = request.getBytes(StandardCharsets.US_ASCII);
    peer.send(new DatagramPacket(bytes, bytes.length, server.udpAddress()));
    byte[] buffer = new byte[4096];
    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
    String answer;
    do {
      packet.setLength(buffer.length);
      peer.receive(packet);
      answer = new String(buffer, 0, packet.getLength(), StandardCharsets.US_ASCII);
    } while (answer.startsWith("SIP/2.0 100 ")
        || !answer.contains(";branch=z9hG4bK" + number + ";"));
    return answer;
  }
}
