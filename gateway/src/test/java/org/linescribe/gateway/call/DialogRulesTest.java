package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.testsupport.Patience;

/** What the standards ask of a user agent server where messages cross, repeat or lack something. */
class DialogRulesTest extends CalledGateway {
  private double outcomes(String outcome) {
    return registry.counter("linescribe.call.outcomes", "outcome", outcome).count();
  }

  /** RFC 3261 §17.2.3: a transaction is known by its branch and by who sent it. */
  @Test
  void keepsCallsApartThatUseTheSameBranch() throws IOException {
    String branch = "z9hG4bK-4711-1-i1";
    try (RawSipPeer other = new RawSipPeer(gateway.udpAddress())) {
      peer.send(peer.request("INVITE", branch, "X-Session-Id: one\r\n", peer.sdp()));
      RawSipPeer.Message first = peer.awaitFinal();
      other.send(other.request("INVITE", branch, "X-Session-Id: two\r\n", other.sdp()));
      RawSipPeer.Message second = other.await(m -> m.header("CSeq").orElse("").endsWith("INVITE"));
      second = second.status() >= 200 ? second : other.awaitFinal();

      assertThat(first.header("X-Session-Id")).contains("one");
      assertThat(second.header("X-Session-Id")).contains("two");
      for (RawSipPeer.Message ok : new RawSipPeer.Message[] {first, second}) {
        assertThat(ok.header("Via").orElseThrow() + ";").contains(";branch=" + branch + ";");
      }
      peer.remember(first);
      peer.ack();
      other.remember(second);
      other.ack();
      assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
      assertThat(other.exchange("BYE", "", "").status()).isEqualTo(200);
    }
    await().until(() -> outcomes("bye") == 2);
  }

  @Test
  void cancelsOnlyTheCallOfItsSenderWhereTwoUseTheSameBranch() throws IOException {
    sessions.holdOpenings();
    String branch = "z9hG4bK-4711-2-i1";
    try (RawSipPeer other = new RawSipPeer(gateway.udpAddress())) {
      for (RawSipPeer caller : new RawSipPeer[] {peer, other}) {
        caller.send(caller.request("INVITE", branch, "", caller.sdp()));
        caller.await(m -> m.status() == 180);
      }

      peer.cancel();

      RawSipPeer.Message terminated = peer.await(m -> m.status() == 487);
      assertThat(terminated.header("Via").orElseThrow() + ";").contains(";branch=" + branch + ";");
      peer.ackRejected(terminated);
      sessions.letOpen();
      assertThat(other.awaitFinal().status()).isEqualTo(200);
    }
  }

  @Test
  void doesNotKnowACancelOfNothing() throws IOException {
    peer.send(peer.request("CANCEL", "", ""));

    assertThat(peer.awaitFinal().status()).isEqualTo(481);
  }

  /** Without it we could never hang up. RFC 3261 §8.1.1.8. */
  @Test
  void refusesAnInviteWithoutAContact() throws IOException {
    peer.send(peer.request("INVITE", "", peer.sdp()).replaceFirst("Contact: [^\r]*\r\n", ""));

    RawSipPeer.Message refused = peer.awaitFinal();

    assertThat(refused.status()).isEqualTo(400);
    peer.ackRejected(refused);
    assertThat(sessions.recordings).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Supported: replaces, timer\r\nSession-Expires: 1800\r\n",
        "Supported: replaces\r\nSupported: timer\r\nSession-Expires: 1800;refresher=uac\r\n",
        "k: 100rel,timer\r\nx: 1800\r\n",
        "Require: timer\r\nSession-Expires: 1800\r\n",
      })
  void findsTheSessionTimerAmongOtherExtensions(String headers) throws IOException {
    assertThat(peer.call(headers).header("Session-Expires")).contains("1800;refresher=uac");
  }

  /** Whoever answers may not make an interval longer. RFC 4028 §9. */
  @ParameterizedTest
  @ValueSource(strings = {"INVITE", "UPDATE"})
  void refusesASessionIntervalThatIsTooShortAndSaysWhichIsNot(String method) throws IOException {
    if (method.equals("UPDATE")) {
      peer.call("");
    }

    RawSipPeer.Message refused =
        peer.exchange(
            method,
            "Supported: timer\r\nSession-Expires: 60\r\n",
            method.equals("INVITE") ? peer.sdp() : "");

    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.header("Min-SE")).contains("90");
  }

  @Test
  void servesAPeerWithoutSessionTimersWhateverItsProxyAsks() throws IOException {
    RawSipPeer.Message ok = peer.call("Session-Expires: 60\r\n");

    assertThat(ok.status()).isEqualTo(200);
    assertThat(ok.header("Session-Expires")).isEmpty();
  }

  /** RFC 3261 §15: who was called says no BYE before the ACK. */
  @Test
  void hangsUpNotBeforeTheAcknowledgement() throws IOException {
    peer.send(peer.request("INVITE", "", peer.sdp()));
    RawSipPeer.Message ok = peer.awaitFinal();
    peer.remember(ok);
    sessions.only().listener.onClosed(SourceClosed.TOO_LONG);
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("too-long"));

    try (RawSipPeer other = new RawSipPeer(gateway.udpAddress())) {
      assertThat(other.exchange("OPTIONS", "", "").status()).isEqualTo(200);
    }
    peer.send(peer.request("OPTIONS", "", "").replaceFirst("(?m)^(To: [^;\r]*);tag=[^\r]*", "$1"));
    RawSipPeer.Message next =
        peer.await(
            m ->
                m.startLine().startsWith("BYE ")
                    || m.header("CSeq").orElse("").endsWith("OPTIONS"));
    assertThat(next.startLine()).startsWith("SIP/2.0 200");

    peer.acknowledge(ok, "");
    RawSipPeer.Message bye = peer.awaitRequest("BYE");
    peer.ok(bye);
    assertThat(bye.header("Reason").orElseThrow()).contains("too long");
    await().until(() -> openCalls() == 0);
    assertThat(outcomes("too-long")).isEqualTo(1);
  }

  /** Its Contact is a private address: requests must go to the source of its last message. */
  @Test
  void hangsUpToTheLastSourceOfAPeerBehindANat() throws IOException {
    peer.send(behindNat(peer.request("INVITE", "", peer.sdp())));
    RawSipPeer.Message ok = peer.awaitFinal();
    peer.remember(ok);
    peer.acknowledge(ok, "");
    peer.move();
    peer.send(behindNat(peer.request("UPDATE", "", "")));
    assertThat(peer.awaitFinal().status()).isEqualTo(200);

    sessions.only().listener.onClosed(SourceClosed.IDLE);

    peer.ok(peer.awaitRequest("BYE"));
    await().until(() -> openCalls() == 0);
  }

  private static String behindNat(String request) {
    return request.replaceFirst("Contact: [^\r]*", "Contact: <sip:peer@192.0.2.1:5060>");
  }

  /** RFC 3311 §5.2. */
  @Test
  void asksAnUpdateBeforeTheAnswerToComeAgain() throws IOException {
    sessions.holdOpenings();
    peer.send(peer.request("INVITE", "", peer.sdp()));
    peer.remember(peer.await(m -> m.status() == 180));

    RawSipPeer.Message refused = peer.exchange("UPDATE", "", peer.sdp());

    assertThat(refused.status()).isEqualTo(500);
    assertThat(Integer.parseInt(refused.header("Retry-After").orElseThrow())).isBetween(0, 10);
    sessions.letOpen();
    assertThat(peer.await(m -> m.header("CSeq").orElse("").endsWith("INVITE")).status())
        .isEqualTo(200);
  }

  @Test
  void takesNoOfferWhileItsOwnIsNotAnswered() throws IOException {
    peer.send(peer.request("INVITE", "", ""));
    RawSipPeer.Message ok = peer.awaitFinal();
    peer.remember(ok);

    assertThat(peer.exchange("UPDATE", "", peer.sdp()).status()).isEqualTo(491);
    assertThat(peer.exchange("UPDATE", "", "").status()).isEqualTo(200);

    peer.acknowledge(ok, peer.sdp());
    assertThat(peer.exchange("UPDATE", "", peer.sdp()).status()).isEqualTo(200);
  }

  @Test
  void keepsTheLawOfALateOfferAndOfALaterOne() throws IOException {
    peer.send(peer.request("INVITE", "", ""));
    RawSipPeer.Message ok = peer.awaitFinal();
    peer.remember(ok);
    peer.acknowledge(ok, peer.sdp());
    await().until(() -> "pcmu".equals(sessions.only().attributes().get("law")));

    assertThat(peer.exchange("UPDATE", "", peer.sdp().replace("RTP/AVP 0", "RTP/AVP 8")).status())
        .isEqualTo(200);
    await().until(() -> "pcma".equals(sessions.only().attributes().get("law")));
  }

  /** RFC 3264 §5.1: the offerer must be ready to receive; media may arrive before the answer. */
  @Test
  void receivesMediaBeforeTheAnswerToOurOffer() throws IOException {
    peer.send(peer.request("INVITE", "", ""));
    RawSipPeer.Message ok = peer.awaitFinal();
    peer.remember(ok);
    for (int i = 0; i < 5; i++) {
      peer.rtp(ok.audioPort(), i, 160L * i, 7, (byte) 0x90);
    }

    // The first only makes the source known.
    await().until(() -> sessions.only().acceptedSamples() == 4 * 160);
    peer.acknowledge(ok, peer.sdp());
    assertThat(peer.exchange("UPDATE", "", "").status()).isEqualTo(200);
    for (int i = 5; i < 10; i++) {
      peer.rtp(ok.audioPort(), i, 160L * i, 7, (byte) 0x90);
    }
    await().until(() -> sessions.only().acceptedSamples() == 9 * 160);
  }

  @ParameterizedTest
  @CsvSource({"''", "refused"})
  void keepsAnAnsweredCallWhoseNewOfferIsNotTaken(String answer) throws IOException {
    peer.call("");
    RawSipPeer.Message ok = peer.exchange("INVITE", "", "");
    assertThat(ok.body()).contains("m=audio");

    peer.acknowledge(
        ok, answer.isEmpty() ? "" : peer.sdp().replaceFirst("m=audio \\d+", "m=audio 0"));

    assertThat(peer.exchange("UPDATE", "", "").status()).isEqualTo(200);
    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    await().until(() -> outcomes("bye") == 1);
  }

  /** RFC 3550 §8.2: who meets its own SSRC takes leave of it and takes another. */
  @Test
  void leavesAnSsrcThatThePeerHasToo() throws IOException {
    try (DatagramSocket rtcp = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      rtcp.setSoTimeout(Patience.LIMIT_MS);
      peer.send(peer.request("INVITE", "", peer.sdp() + "a=rtcp:" + rtcp.getLocalPort() + "\r\n"));
      RawSipPeer.Message ok = peer.awaitFinal();
      peer.remember(ok);
      peer.ack();
      int ssrc = ssrcOfNextPacket();

      peer.rtp(ok.audioPort(), 0, 0, ssrc & 0xFFFF_FFFFL, (byte) 0x90);

      ByteBuffer report = ByteBuffer.wrap(new byte[1500]);
      DatagramPacket packet = new DatagramPacket(report.array(), report.capacity());
      rtcp.receive(packet);
      assertThat(report.getInt(4)).as("sender of the first report").isEqualTo(ssrc);
      assertThat(report.get(packet.getLength() - 7) & 0xFF).as("last packet: BYE").isEqualTo(203);
      assertThat(report.getInt(packet.getLength() - 4)).isEqualTo(ssrc);
      await()
          .until(
              () -> {
                mediaClock.advance(Duration.ofMillis(20));
                return ssrcOfNextPacket() != ssrc;
              });
      // A second collision is our own media looped back, which must not change the SSRC again.
      int second = ssrcOfNextPacket(20);
      peer.rtp(ok.audioPort(), 1, 160, second & 0xFFFF_FFFFL, (byte) 0x90);
      peer.rtp(ok.audioPort(), 2, 320, second & 0xFFFF_FFFFL, (byte) 0x90);
      await().until(() -> sessions.only().acceptedSamples() == 3 * 160);
      assertThat(ssrcOfNextPacket(20)).isEqualTo(second);
    }
  }

  private int ssrcOfNextPacket(int afterMs) throws IOException {
    mediaClock.advance(Duration.ofMillis(afterMs));
    return ssrcOfNextPacket();
  }

  private int ssrcOfNextPacket() throws IOException {
    byte[] buffer = new byte[2000];
    peer.media.receive(new DatagramPacket(buffer, buffer.length));
    return ByteBuffer.wrap(buffer).getInt(8);
  }

  @Test
  void endsACallWhoseSessionBreaksAndGivesItsPortsBack() throws IOException {
    peer.call("");
    sessions.breakAudio(new IllegalStateException("bug of the test"));

    mediaClock.advance(Duration.ofSeconds(1));

    RawSipPeer.Message bye = peer.awaitRequest("BYE");
    peer.ok(bye);
    assertThat(bye.header("Reason").orElseThrow()).contains("500");
    await().until(() -> openCalls() == 0);
    assertThat(outcomes("failed")).isEqualTo(1);
    await().until(() -> registry.get("linescribe.rtp.sessions").gauge().value() == 0);
  }

  /** Is told from a bug of ours: not the line failed but what is behind it. */
  @Test
  void endsACallWhoseRecogniserFailed() throws IOException {
    peer.call("");

    sessions.only().listener.onClosed(SourceClosed.FAILED);

    peer.ok(peer.awaitRequest("BYE"));
    await().until(() -> outcomes("recogniser-failed") == 1);
    assertThat(outcomes("failed")).isZero();
  }

  @Test
  void answersACallThatMeetsABugOfOurs() throws IOException {
    sessions.beforeNewId(
        () -> {
          throw new IllegalStateException("bug of the test");
        });

    peer.send(peer.request("INVITE", "", peer.sdp()));

    RawSipPeer.Message refused = peer.awaitFinal();
    assertThat(refused.status()).isEqualTo(500);
    peer.ackRejected(refused);
    assertThat(peer.exchange("OPTIONS", "", "").status()).isEqualTo(200);
    assertThat(openCalls()).isZero();
  }

  @Test
  void refusesACallThatCameWhileTheDrainBegan() throws IOException {
    sessions.beforeNewId(
        () -> {
          try {
            gateway.drain(Duration.ZERO);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });

    peer.send(peer.request("INVITE", "", peer.sdp()));

    RawSipPeer.Message refused = peer.awaitFinal();
    assertThat(refused.status()).isEqualTo(503);
    peer.ackRejected(refused);
    await().until(() -> openCalls() == 0);
  }
}
