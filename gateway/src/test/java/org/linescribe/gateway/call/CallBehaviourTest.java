package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipBindException;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SourceListener;
import org.linescribe.testsupport.Patience;

/** What a peer sees when things go as they should not. */
class CallBehaviourTest extends CalledGateway {
  @Test
  void returnsTheSessionIdThatTheCallerChose() throws IOException {
    RawSipPeer.Message ok = peer.call("X-Session-Id: order-4711\r\n");

    assertThat(ok.status()).isEqualTo(200);
    assertThat(ok.header("X-Session-Id")).contains("order-4711");
    assertThat(sessions.only().sessionId().value()).isEqualTo("order-4711");
    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    awaitEnd("bye");
  }

  @Test
  void makesASessionIdWhereNoneIsGiven() throws IOException {
    RawSipPeer.Message ok = peer.call("");

    String id = ok.header("X-Session-Id").orElseThrow();
    assertThat(SessionId.isValid(id)).isTrue();
    assertThat(sessions.only().sessionId().value()).isEqualTo(id);
    assertThat(sessions.only().request.attributes())
        .containsEntry("call_id", peer.callId)
        .containsEntry("law", "pcmu")
        .containsEntry("to", "sip:service@127.0.0.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "a/b", "a b", "ä"})
  void refusesASessionIdThatIsNone(String id) throws IOException {
    RawSipPeer.Message refused = peer.call("X-Session-Id: " + id + "\r\n");

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.header("Warning").orElseThrow()).contains("X-Session-Id").contains("128");
    assertThat(sessions.recordings).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"OVERLOADED,503", "DRAINING,503", "STORE_UNAVAILABLE,503", "UNSUPPORTED,488"})
  void refusesACallThatTheSessionsRefuse(SessionRefusedException.Reason reason, int status)
      throws IOException {
    sessions.refuse(reason);

    RawSipPeer.Message refused = peer.call("");

    assertThat(refused.status()).isEqualTo(status);
    assertThat(refused.header("Retry-After"))
        .isEqualTo(status == 503 ? Optional.of("7") : Optional.empty());
    await().until(() -> openCalls() == 0);
    await().until(() -> registry.get("linescribe.rtp.sessions").gauge().value() == 0);
  }

  @Test
  void asksForTheModelThatACallNames() throws IOException {
    sessions.serveOnly("digits");

    assertThat(peer.call("X-Model: digits\r\n").status()).isEqualTo(200);

    assertThat(sessions.only().request.recognition().model()).contains("digits");
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-Model: nonsense\r\n", "X-Language: xx\r\n"})
  void servesACallByTheDefaultWhereItsModelOrLanguageIsNotServed(String header) throws IOException {
    sessions.serveOnly("digits");

    assertThat(peer.call(header).status()).isEqualTo(200);

    assertThat(sessions.only().request.recognition().orDefault()).isTrue();
    assertThat(sessions.only().request.attributes()).containsKey("from");
  }

  @Test
  void refusesMoreCallsThanTheLimitAndTakesOneAgainLater() throws Exception {
    restart(settings(1, Duration.ofSeconds(60), Duration.ofSeconds(60)));
    assertThat(peer.call("").status()).isEqualTo(200);

    try (RawSipPeer second = new RawSipPeer(gateway.udpAddress())) {
      RawSipPeer.Message refused = second.call("");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("Retry-After")).contains("5");
    }
    peer.exchange("BYE", "", "");
    await().until(() -> openCalls() == 0);
    try (RawSipPeer third = new RawSipPeer(gateway.udpAddress())) {
      assertThat(third.call("").status()).isEqualTo(200);
    }
  }

  @Test
  void refusesACallWhoseSessionIsNotOpenedInTime() throws Exception {
    restart(settings(10, Duration.ofMillis(200), Duration.ofSeconds(60)));
    sessions.holdOpenings();

    assertThat(peer.call("").status()).isEqualTo(503);
    sessions.letOpen();

    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("cancel"));
  }

  @Test
  void answersACancelThatMeetsTheOpening() throws IOException {
    sessions.holdOpenings();
    peer.send(peer.request("INVITE", "", peer.sdp()));
    peer.await(m -> m.status() == 180);
    SourceListener source = sessions.opening();
    assertThat(source.withdrawnWithin()).isPositive();
    assertThat(source.isWithdrawn()).isFalse();

    peer.cancel();

    assertThat(peer.await(m -> m.status() == 487).status()).isEqualTo(487);
    assertThat(source.isWithdrawn()).isTrue();
    sessions.letOpen();
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("cancel"));
    await().until(() -> openCalls() == 0);
  }

  @Test
  void keepsTheCallWhenARenegotiationCannotBeTaken() throws IOException {
    peer.call("");

    int refused =
        peer.exchange("INVITE", "", peer.sdp().replace("RTP/AVP 0", "RTP/AVP 18")).status();
    peer.ack();

    assertThat(refused).isEqualTo(488);
    assertThat(peer.exchange("UPDATE", "", "").status()).isEqualTo(200);
    assertThat(openCalls()).isEqualTo(1);
    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    awaitEnd("bye");
  }

  @Test
  void takesAnotherCodecAndAddressInAReInvite() throws Exception {
    int port = peer.call("").audioPort();
    peer.rtp(port, 1, 160, 1, (byte) 0xFF);
    try (DatagramSocket moved = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      moved.setSoTimeout(Patience.LIMIT_MS);
      String sdp =
          peer.sdp()
              .replace("audio " + peer.media.getLocalPort(), "audio " + moved.getLocalPort())
              .replace("RTP/AVP 0", "RTP/AVP 8");

      RawSipPeer.Message ok = peer.exchange("INVITE", "", sdp);
      peer.ack();

      assertThat(ok.body()).contains("PCMA/8000").contains("m=audio " + port + " ");
      byte[] packet = new byte[2000];
      DatagramPacket silence = new DatagramPacket(packet, packet.length);
      mediaClock.advance(Duration.ofMillis(20));
      moved.receive(silence);
      assertThat(packet[1] & 0x7F).as("payload type").isEqualTo(8);
      assertThat(packet[20] & 0xFF).as("A-law's idle code").isEqualTo(0xD5);
    }
  }

  @Test
  void sendsSilenceAndReportsWhileThePeerTalks() throws Exception {
    RawSipPeer.Message ok = peer.call("");
    int port = ok.audioPort();
    byte[] buffer = new byte[2000];
    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
    for (int i = 0; i < 10; i++) {
      peer.rtp(port, i, 160L * i, 7, (byte) 0x80);
    }

    peer.media.receive(packet);

    assertThat(packet.getLength()).isEqualTo(172);
    assertThat(buffer[0] & 0xC0).as("version 2").isEqualTo(0x80);
    assertThat(buffer[1] & 0x7F).as("PCMU").isZero();
    assertThat(buffer[100] & 0xFF).as("idle code").isEqualTo(0xFF);
    await().until(() -> sessions.only().acceptedSamples() == 1600);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          REGISTER  |                                   | 405
          MESSAGE   |                                   | 405
          FROBNICATE|                                   | 501
          BYE       |                                   | 481
          UPDATE    |                                   | 481
          INFO      |                                   | 481
          OPTIONS   | Require: precondition                   | 420
          OPTIONS   |                                   | 200
          INVITE    | Content-Encoding: gzip            | 415
          INVITE    | Accept: text/plain                | 406
          """)
  void answersEachRequestAsTheStandardSays(String method, String header, int status)
      throws IOException {
    String headers = header == null ? "" : header + "\r\n";

    peer.send(peer.request(method, headers, method.equals("INVITE") ? peer.sdp() : ""));
    RawSipPeer.Message answer = peer.awaitFinal();

    assertThat(answer.status()).isEqualTo(status);
    if (status == 405 || status == 501 || status == 200) {
      assertThat(answer.head()).contains("Allow: INVITE").contains("CANCEL");
    }
    if (status == 420) {
      assertThat(answer.header("Unsupported")).contains("precondition");
    }
    assertThat(sessions.recordings).isEmpty();
  }

  @Test
  void refusesASessionDescriptionThatIsNone() throws IOException {
    peer.send(peer.request("INVITE", "", "this is no sdp"));

    RawSipPeer.Message refused = peer.awaitFinal();

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.header("Warning").orElseThrow()).contains("SDP: line 1");
    peer.ackRejected(refused);
    await().until(() -> openCalls() == 0);
  }

  @Test
  void grantsASessionTimerThatThePeerRefreshes() throws IOException {
    RawSipPeer.Message ok =
        peer.call("Supported: timer\r\nSession-Expires: 1800;refresher=uac\r\n");

    assertThat(ok.header("Session-Expires")).contains("1800;refresher=uac");
    assertThat(ok.header("Require")).contains("timer");
    RawSipPeer.Message refreshed =
        peer.exchange("UPDATE", "Supported: timer\r\nSession-Expires: 1800\r\n", "");
    assertThat(refreshed.status()).isEqualTo(200);
    assertThat(refreshed.header("Session-Expires")).contains("1800;refresher=uac");
  }

  @Test
  void countsWhatTheQueueRefusesAndKeepsTheTimeline() throws IOException {
    sessions.capacity(800);
    int port = peer.call("").audioPort();

    for (int i = 0; i < 10; i++) {
      peer.rtp(port, i, 160L * i, 7, (byte) 0x80);
    }

    await().until(() -> sessions.only().timeline().length >= 1600);
    assertThat(sessions.only().acceptedSamples()).isEqualTo(800);
    await()
        .untilAsserted(
            () ->
                assertThat(registry.counter("linescribe.call.audio.refused.samples").count())
                    .isEqualTo(800));
  }

  @Test
  void leavesNoThreadThatKeepsTheProgramAlive() {
    gateway.stop();

    await()
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> !threadsBefore.contains(thread))
                    .filteredOn(thread -> thread.isAlive() && !thread.isDaemon())
                    .extracting(Thread::getName)
                    .doesNotContain("EventScannerThread"));
  }

  @Test
  void saysWhichPortIsInUse() {
    String taken = "127.0.0.1:" + gateway.udpAddress().getPort();
    SipGateway second =
        new SipGateway(
            SipSettings.on(taken),
            RtpSettings.on("0"),
            CallSettings.defaults(),
            sessions,
            new SimpleMeterRegistry(),
            Clock.systemUTC());

    assertThatThrownBy(second::start)
        .isInstanceOf(SipBindException.class)
        .hasMessageStartingWith("linescribe.sip.bind: " + taken + " is in use (");
    assertThat(List.of(gateway.udpAddress())).contains(gateway.tcpAddress());
  }

  @Test
  void namesTheSettingWhoseHostIsUnknown() {
    SipGateway lost =
        new SipGateway(
            SipSettings.on("no-such-host.invalid:5060"),
            RtpSettings.on("0"),
            CallSettings.defaults(),
            sessions,
            new SimpleMeterRegistry(),
            Clock.systemUTC());

    assertThatThrownBy(lost::start)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("linescribe.sip.bind: 'no-such-host.invalid:5060' (expected: ");
  }
}
