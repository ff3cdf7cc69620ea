package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.call.RawSipPeer.Message;
import org.linescribe.media.g711.G711Law;
import org.linescribe.media.rtp.RtpPacket;
import org.linescribe.settings.SettingsDefaults;

/** Extensions of SIP that carriers use. */
class SignallingTest extends CalledGateway {
  private static final String TIMER = "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n";

  /** Source: RFC 3261 §8.2.2.2. */
  @Test
  void refusesACallThatCameByTwoWays() throws IOException {
    sessions.holdOpenings();
    String first = peer.request("INVITE", "", peer.sdp());
    peer.send(first);
    peer.await(m -> m.status() == 180);

    String merged = first.replaceFirst("branch=[^\r;]+", "branch=z9hG4bK" + UUID.randomUUID());
    peer.send(merged);

    assertThat(peer.await(m -> m.status() >= 300).status()).isEqualTo(482);
    sessions.letOpen();
    Message ok = peer.await(m -> m.status() == 200);
    peer.remember(ok);
    peer.acknowledge(ok, "");
    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    assertThat(sessions.recordings).hasSize(1);
  }

  /** Source: RFC 3262. */
  @Test
  void ringsReliablyWhereThePeerRequiresIt() throws IOException {
    peer.send(peer.request("INVITE", "Require: 100rel\r\n", peer.sdp()));
    Message ringing = peer.await(m -> m.status() == 180);

    assertThat(ringing.header("Require").orElseThrow()).contains("100rel");
    String number = ringing.header("RSeq").orElseThrow();
    peer.remember(ringing);
    // It is sent again until it is acknowledged, and not answered before.
    Message again = peer.await(m -> m.status() >= 180);
    assertThat(again.status()).isEqualTo(180);
    assertThat(again.header("RSeq")).contains(number);
    String invite = ringing.header("CSeq").orElseThrow();
    Message acknowledged = peer.exchange("PRACK", "RAck: " + number + " " + invite + "\r\n", "");
    assertThat(acknowledged.status()).isEqualTo(200);
    Message ok = peer.await(m -> m.status() == 200 && m.header("CSeq").orElse("").equals(invite));
    peer.acknowledge(ok, "");
    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    awaitEnd("bye");
  }

  @Test
  void answersAtOnceWhereReliableRingingIsOnlySupported() throws IOException {
    Message ok = peer.call("Supported: 100rel\r\n");

    assertThat(ok.status()).isEqualTo(200);
    assertThat(ok.header("Supported").orElseThrow()).contains("100rel");
    assertThat(ok.header("Allow").orElseThrow()).contains("PRACK").contains("UPDATE");
  }

  /** Source: RFC 3891. */
  @Test
  void letsANewCallTakeTheSessionOfTheOneThatItReplaces() throws IOException {
    Message first = peer.call("");
    String session = first.header("X-Session-Id").orElseThrow();
    String toTag = tag(first.header("To").orElseThrow());
    String fromTag = tag(first.header("From").orElseThrow());

    try (RawSipPeer other = new RawSipPeer(gateway.udpAddress())) {
      String replaces = peer.callId + ";to-tag=" + toTag + ";from-tag=" + fromTag;
      assertThat(other.call("Replaces: " + replaces + ";early-only\r\n").status()).isEqualTo(486);
    }
    try (RawSipPeer other = new RawSipPeer(gateway.udpAddress())) {
      String wrong = peer.callId + ";to-tag=x;from-tag=" + fromTag;
      assertThat(other.call("Replaces: " + wrong + "\r\n").status()).isEqualTo(481);
    }
    try (RawSipPeer other = new RawSipPeer(gateway.udpAddress())) {
      String replaces = peer.callId + ";to-tag=" + toTag + ";from-tag=" + fromTag;
      Message ok = other.call("Require: replaces\r\nReplaces: " + replaces + "\r\n");

      assertThat(ok.status()).isEqualTo(200);
      assertThat(ok.header("X-Session-Id")).contains(session);
      Message bye = peer.awaitRequest("BYE");
      peer.ok(bye);
      await().until(() -> openCalls() == 1);
      assertThat(other.exchange("BYE", "", "").status()).isEqualTo(200);
    }
    await().until(() -> openCalls() == 0);
    assertThat(sessions.recordings).hasSize(2);
  }

  private static String tag(String header) {
    return header.substring(header.indexOf(";tag=") + 5).split("[;>\\s]")[0];
  }

  /** Source: RFC 4028 §9. */
  @Test
  void takesTheTaskToRefreshWhereThePeerAsks() throws IOException {
    Message ok = peer.call(TIMER + "Allow: INVITE, ACK, BYE, UPDATE\r\n");

    assertThat(ok.header("Session-Expires").orElseThrow()).isEqualTo("90;refresher=uas");
  }

  @Test
  void declinesToRefreshAPeerWithoutUpdate() throws IOException {
    Message ok = peer.call(TIMER + "Allow: INVITE, ACK, BYE\r\n");

    assertThat(ok.status()).isEqualTo(200);
    assertThat(ok.header("Session-Expires")).isEmpty();
  }

  /** Source: RFC 3261 §8.2.1, before anything else of the request is looked at (RFC 3515). */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Refer-To: <sip:elsewhere@127.0.0.1>",
        "Refer-To: <sip:b@127.0.0.1?Replaces=c%3Bto-tag%3Dt%3Bfrom-tag%3Df>\r\n"
            + "Referred-By: <sip:a@x>",
        "Refer-To: <tel:+4930123456>",
        "Refer-To: <sip:elsewhere@127.0.0.1;method=BYE>\r\nRefer-Sub: false",
        "Refer-To: <sip:elsewhere@127.0.0.1>\r\nRequire: norefersub"
      })
  void refusesEveryTransferAndTheCallGoesOn(String headers) throws IOException {
    assertRefused(peer.exchange("REFER", headers + "\r\n", ""));
    Message ok = peer.call("");
    assertThat(ok.header("Allow").orElseThrow()).doesNotContain("REFER");

    assertRefused(peer.exchange("REFER", headers + "\r\n", ""));

    peer.rtp(ok.audioPort(), 1, 160, 7, (byte) 0x12);
    peer.rtp(ok.audioPort(), 2, 320, 7, (byte) 0x12);
    await().until(() -> sessions.only().acceptedSamples() == 2 * 160);
    // The next request of the gateway's is none that a REFER asks for.
    control().hangUp(sessions.only().sessionId());
    Message next = peer.await(message -> message.status() == 0);
    assertThat(next.startLine()).startsWith("BYE ");
    peer.ok(next);
    awaitEnd("hangup");
  }

  private static void assertRefused(Message answer) {
    assertThat(answer.status()).as(answer.head()).isEqualTo(405);
    assertThat(answer.header("Allow").orElseThrow()).contains("INVITE").doesNotContain("REFER");
  }

  @Test
  void refusesATransferOfACallThatNobodyKnows() throws IOException {
    peer.remember(new Message("SIP/2.0 200 OK", "To: <sip:service@127.0.0.1>;tag=nobody", ""));

    assertRefused(peer.exchange("REFER", "Refer-To: <sip:elsewhere@127.0.0.1>\r\n", ""));
  }

  /** The forms of PBXs; there is no standard. */
  @ParameterizedTest
  @CsvSource({
    "application/dtmf-relay, Signal=5, 5",
    "application/dtmf-relay, signal = *, *",
    "application/dtmf-relay, Signal=11, #",
    "application/dtmf, 7, 7",
    "application/dtmf, d, D",
    "application/dtmf-relay, Signal=77, ''",
    "application/media_control+xml, <x/>, ''"
  })
  void hearsAKeyThatComesBySignalling(String type, String body, String digits) throws IOException {
    peer.call("");

    String form = body + "\r\nDuration=160\r\n";
    String request = peer.request("INFO", "", form).replace("application/sdp", type);
    peer.send(request);

    assertThat(peer.awaitFinal().status()).isEqualTo(200);
    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    awaitEnd("bye");
    assertThat(sessions.only().digits()).isEqualTo(digits == null ? "" : digits);
  }

  @ParameterizedTest
  @CsvSource({"'', 1", "a=rtpmap:101 telephone-event/8000, ''"})
  void hearsTonesWhereThePeerHasNoTelephoneEvent(String line, String digits) throws IOException {
    String offer = line.isEmpty() ? peer.sdp() : peer.sdp().replace("AVP 0", "AVP 0 101");
    int port = peer.call("", offer + (line.isEmpty() ? "" : line + "\r\n")).audioPort();
    byte[] tone = new byte[160];
    for (int packet = 0; packet < 10; packet++) {
      for (int i = 0; i < tone.length; i++) {
        double angle = 2 * Math.PI * (packet * tone.length + i) / 8000;
        tone[i] =
            (byte)
                G711Law.PCMU.encode(
                    (int) (3000 * (Math.sin(697 * angle) + Math.sin(1209 * angle))));
      }
      ByteBuf datagram = Unpooled.buffer();
      RtpPacket.write(datagram, packet == 0, 0, packet, 160L * packet, 7, tone, 0, tone.length);
      peer.media.send(
          new DatagramPacket(
              datagram.array(), datagram.readableBytes(), InetAddress.getLoopbackAddress(), port));
    }
    await().until(() -> sessions.only().acceptedSamples() == 1600);

    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    awaitEnd("bye");
    assertThat(sessions.only().digits()).isEqualTo(digits);
  }

  @Test
  void hidesKeysWhereTheSettingSaysSo() throws Exception {
    restart(SettingsDefaults.of(CallSettings.class, Map.of("dtmf", CallSettings.Dtmf.MASK)));
    peer.call("");
    peer.send(
        peer.request("INFO", "", "Signal=5\r\n")
            .replace("application/sdp", "application/dtmf-relay"));

    assertThat(peer.awaitFinal().status()).isEqualTo(200);
    await().untilAsserted(() -> assertThat(sessions.only().digits()).isEqualTo("X"));
  }
}
