package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.gateway.call.CalledGateway.control;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.gateway.call.RawSipPeer.Message;
import org.linescribe.gateway.registration.Account;
import org.linescribe.gateway.registration.RegistrationSettings;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.trunk.LineSettings;
import org.linescribe.gateway.trunk.TestTrunk;
import org.linescribe.gateway.trunk.Trunk;
import org.linescribe.media.g711.G711Law;
import org.linescribe.settings.SettingsDefaults;

/** A peer whose trunk is followed asks by REFER that its call go on with somebody else. */
class TransferTest {
  private final RecordingSessionsFake sessions = new RecordingSessionsFake();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private SipGateway gateway;
  private RawSipPeer peer;
  private CalledPeer target;

  @BeforeEach
  void start() throws Exception {
    Trunk trunk =
        TestTrunk.of(
            "pbx",
            Map.of(
                "addresses",
                List.of("127.0.0.1"),
                "refer",
                Trunk.Refer.FOLLOW,
                "referTargets",
                List.of("sbc.example.com")));
    // Nobody is there to register at: only its credentials are of use.
    Account account =
        new Account("sip:127.0.0.1:9", "service", null, "alice", "secret", null, null);
    gateway =
        new SipGateway(
                SipSettings.on("127.0.0.1:0"),
                PatientRtp.settings(),
                CallSettings.defaults(),
                sessions,
                registry,
                Clock.systemUTC())
            .line(SettingsDefaults.of(LineSettings.class, Map.of("trunks", List.of(trunk))))
            .registrations(
                SettingsDefaults.of(
                    RegistrationSettings.class, Map.of("accounts", List.of(account))));
    gateway.start();
    peer = new RawSipPeer(gateway.udpAddress());
    target = new CalledPeer(gateway.udpAddress());
  }

  @AfterEach
  void stop() {
    peer.close();
    target.close();
    gateway.stop();
  }

  private Message refer(String headers) throws IOException {
    return peer.exchange("REFER", "Refer-To: <" + target.uri() + ">\r\n" + headers, "");
  }

  private void speak(int port, int first, byte code) throws IOException {
    peer.rtp(port, first, first * 160L, 7, code);
    peer.rtp(port, first + 1, (first + 1) * 160L, 7, code);
  }

  private Message awaitNotify(String status) throws IOException {
    Message notify =
        peer.await(
            m -> m.startLine().startsWith("NOTIFY ") && m.body().startsWith("SIP/2.0 " + status));
    peer.ok(notify);
    return notify;
  }

  private void awaitTransfers(String outcome, int count) {
    await()
        .untilAsserted(
            () ->
                assertThat(
                        registry.counter("linescribe.call.transfers", "outcome", outcome).count())
                    .isEqualTo(count));
  }

  private void awaitHeard(int samples) {
    await().until(() -> sessions.only().acceptedSamples() >= samples);
  }

  private void awaitEnd() {
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
  }

  /** Source: RFC 3515 §2.4, RFC 3892 §2.2, RFC 5589 §6.1. */
  @Test
  void theCallGoesOnWithTheTargetInTheSameSession() throws Exception {
    Message ok = peer.call("");
    assertThat(ok.header("Allow").orElseThrow() + ok.head()).contains("REFER");
    speak(ok.audioPort(), 1, (byte) 0x12);
    awaitHeard(320);

    assertThat(refer("Referred-By: <sip:a@x>\r\n").status()).isEqualTo(202);

    Message trying = awaitNotify("100");
    assertThat(trying.header("Event").orElseThrow()).startsWith("refer;id=");
    assertThat(trying.header("Subscription-State").orElseThrow()).startsWith("active");
    assertThat(trying.header("Content-Type").orElseThrow()).startsWith("message/sipfrag");
    Message invite = target.awaitInvite();
    assertThat(invite.startLine()).isEqualTo("INVITE " + target.uri() + " SIP/2.0");
    assertThat(invite.header("From").orElseThrow()).startsWith("<sip:service@127.0.0.1>;tag=");
    assertThat(invite.header("Referred-By").orElseThrow()).isEqualTo("<sip:a@x>");
    assertThat(invite.audioPort()).as("the media stays").isEqualTo(ok.audioPort());
    target.answer("180 Ringing", "");
    speak(ok.audioPort(), 3, (byte) 0x12);
    awaitHeard(640);
    target.accept(target.sdp());
    assertThat(awaitNotify("200").header("Subscription-State").orElseThrow())
        .startsWith("terminated");
    peer.ok(peer.awaitRequest("BYE"));
    for (int packet = 1; packet <= 4; packet++) {
      target.rtp(ok.audioPort(), packet, (byte) 0x34);
    }
    awaitHeard(640 + 4 * 160);

    assertThat(target.exchange("BYE", "").status()).isEqualTo(200);
    awaitEnd();
    assertThat(sessions.only().attributes()).containsEntry("transferred_to", target.uri());
    short[] timeline = sessions.only().timeline();
    assertThat(timeline).hasSizeGreaterThan(640 + 4 * 160);
    assertThat(inOrder(timeline)).containsExactly(peersSample(), targetsSample());
    awaitTransfers("followed", 1);
    await().until(() -> registry.get("linescribe.call.active").gauge().value() == 0);
  }

  private static short peersSample() {
    return G711Law.PCMU.decode((byte) 0x12);
  }

  private static short targetsSample() {
    return G711Law.PCMU.decode((byte) 0x34);
  }

  /** The different values, but silence, in the order in which they come first. */
  private static List<Short> inOrder(short[] timeline) {
    List<Short> seen = new ArrayList<>();
    for (short sample : timeline) {
      if (sample != 0 && !seen.contains(sample)) {
        seen.add(sample);
      }
    }
    return seen;
  }

  @ParameterizedTest
  @CsvSource({"603 Decline, 603", "486 Busy Here, 486", "488 Not Acceptable Here, 488"})
  void theCallStaysWhereTheTargetRefuses(String answer, String told) throws Exception {
    Message ok = peer.call("");
    assertThat(refer("").status()).isEqualTo(202);
    awaitNotify("100");
    target.awaitInvite();

    target.answer(answer, "");

    assertThat(awaitNotify(told).header("Subscription-State").orElseThrow())
        .startsWith("terminated");
    speak(ok.audioPort(), 1, (byte) 0x12);
    awaitHeard(320);
    assertThat(peer.exchange("INVITE", "", peer.sdp()).status()).isEqualTo(200);
    peer.ack();
    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    awaitEnd();
    awaitTransfers("failed", 1);
  }

  @Test
  void theCallStaysWhereTheTargetsAnswerIsOfNoUse() throws Exception {
    Message ok = peer.call("");
    assertThat(refer("").status()).isEqualTo(202);
    target.awaitInvite();

    target.accept(target.sdp().replace("RTP/AVP 0", "RTP/AVP 18"));

    target.ok(target.await("BYE"));
    awaitNotify("488");
    speak(ok.audioPort(), 1, (byte) 0x12);
    awaitHeard(320);
  }

  /** Whoever may name any host can have calls placed at the gateway's cost. */
  @ParameterizedTest
  @CsvSource({
    "<sip:b@192.0.2.9>, 403",
    "<sip:b@elsewhere.example.com>, 403",
    "<sip:b@127.0.0.1;maddr=192.0.2.9>, 403",
    "<sip:b@127.0.0.1;method=BYE>, 403",
    "<sip:b@127.0.0.1:25>, 403",
    "<tel:+4930123456>, 416",
    "<sip:b@127.0.0.1?Replaces=a%0D%0AX:1>, 400"
  })
  void nobodyElsewhereIsCalled(String target, int status) throws Exception {
    Message ok = peer.call("");

    assertThat(peer.exchange("REFER", "Refer-To: " + target + "\r\n", "").status())
        .isEqualTo(status);

    speak(ok.audioPort(), 1, (byte) 0x12);
    awaitHeard(320);
    control(gateway).hangUp(sessions.only().sessionId());
    // The next request of the gateway's is none that a REFER asks for.
    assertThat(peer.await(m -> m.status() == 0).startLine()).startsWith("BYE ");
  }

  @Test
  void theGatewayDoesNotCallItself() throws Exception {
    peer.call("");
    String own = "Refer-To: <sip:x@127.0.0.1:" + gateway.udpAddress().getPort() + ">\r\n";

    assertThat(peer.exchange("REFER", own, "").status()).isEqualTo(202);

    awaitNotify("482");
    assertThat(sessions.recordings).hasSize(1);
  }

  @Test
  void onlyOneTransferIsTriedAtATime() throws Exception {
    peer.call("");
    assertThat(refer("").status()).isEqualTo(202);
    target.awaitInvite();

    assertThat(refer("").status()).isEqualTo(491);
    assertThat(peer.exchange("INVITE", "", peer.sdp()).status()).isEqualTo(491);
  }

  /** RFC 5589 §6.1: some hang up when the REFER is accepted. */
  @Test
  void aPeerThatHangsUpAtOnceLeavesTheCallToTheTarget() throws Exception {
    Message ok = peer.call("");
    assertThat(refer("Refer-Sub: false\r\n").status()).isEqualTo(202);
    target.awaitInvite();
    target.answer("180 Ringing", "");
    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);

    target.accept(target.sdp());
    awaitTransfers("followed", 1);
    for (int packet = 1; packet <= 2; packet++) {
      target.rtp(ok.audioPort(), packet, (byte) 0x34);
    }
    awaitHeard(320);
    assertThat(target.exchange("BYE", "").status()).isEqualTo(200);
    awaitEnd();
  }

  @Test
  void aCallWithoutAPeerEndsWhereTheTargetRefuses() throws Exception {
    peer.call("");
    assertThat(refer("").status()).isEqualTo(202);
    target.awaitInvite();
    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);

    target.answer("603 Decline", "");

    awaitEnd();
    await().until(() -> registry.get("linescribe.call.active").gauge().value() == 0);
  }

  /** Source: RFC 4488 §4. */
  @ParameterizedTest
  @CsvSource({"Refer-Sub: false", "Require: norefersub"})
  void nobodyIsToldWhoDoesNotWantToBe(String header) throws Exception {
    peer.call("");

    Message accepted = refer(header + "\r\n");

    assertThat(accepted.status()).isEqualTo(202);
    assertThat(accepted.header("Refer-Sub")).contains("false");
    target.awaitInvite();
    target.accept(target.sdp());
    // No NOTIFY before it.
    assertThat(peer.await(m -> m.status() == 0).startLine()).startsWith("BYE ");
  }

  @Test
  void aTargetThatRingsWhenTheCallEndsIsLeftAlone() throws Exception {
    peer.call("");
    assertThat(refer("").status()).isEqualTo(202);
    target.awaitInvite();
    target.answer("180 Ringing", "");
    awaitNotify("100");

    control(gateway).hangUp(sessions.only().sessionId());

    target.ok(target.await("CANCEL"));
    target.answer("487 Request Terminated", "");
    target.await("ACK");
  }

  @Test
  void aTargetThatAnswersTooLateIsHungUp() throws Exception {
    peer.call("");
    assertThat(refer("").status()).isEqualTo(202);
    target.awaitInvite();
    control(gateway).hangUp(sessions.only().sessionId());
    peer.ok(peer.awaitRequest("BYE"));

    target.accept(target.sdp());

    target.ok(target.await("BYE"));
  }

  /** Source: RFC 3261 §13.2.2.4. */
  @Test
  void theSecondPhoneOfAForkIsHungUp() throws Exception {
    Message ok = peer.call("");
    assertThat(refer("").status()).isEqualTo(202);
    target.awaitInvite();
    target.accept(target.sdp());
    awaitNotify("200");

    target.respond("200 OK", "another", "", target.sdp());

    Message bye = target.await("BYE");
    assertThat(bye.header("To").orElseThrow()).contains("tag=another");
    target.ok(bye);
    target.rtp(ok.audioPort(), 1, (byte) 0x34);
    target.rtp(ok.audioPort(), 2, (byte) 0x34);
    awaitHeard(320);
  }

  @Test
  void aChallengeIsAnsweredWithTheAccountAtTheTarget() throws Exception {
    peer.call("");
    assertThat(refer("").status()).isEqualTo(202);
    Message first = target.awaitInvite();
    assertThat(first.header("Authorization")).isEmpty();

    target.answer(
        "401 Unauthorized", "WWW-Authenticate: Digest realm=\"x\", nonce=\"n\", qop=\"auth\"\r\n");

    Message second = target.awaitInvite();
    assertThat(second.header("Authorization").orElseThrow())
        .contains("username=\"alice\"", "uri=\"" + target.uri() + "\"");
    assertThat(second.header("Call-ID")).isEqualTo(first.header("Call-ID"));
    assertThat(second.header("CSeq")).contains("2 INVITE");
    target.accept(target.sdp());
    awaitNotify("200");
  }

  @Test
  void aCallWithSrtpIsOfferedWithAnotherKey() throws Exception {
    String key = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
    Message ok =
        peer.call(
            "",
            peer.sdp().replace("RTP/AVP", "RTP/SAVP")
                + ("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + key + "\r\n"));
    String ours = ok.body().split("inline:")[1].split("\\s")[0];
    assertThat(refer("").status()).isEqualTo(202);

    String offer = target.awaitInvite().body();

    assertThat(offer).contains("RTP/SAVP ").contains("a=crypto:").doesNotContain(ours);
    target.accept(target.sdp());
    awaitNotify("488");
  }

  /** Source: RFC 3891 §6. */
  @Test
  void anAttendedTransferNamesTheCallThatItReplaces() throws Exception {
    peer.call("");
    String to = target.uri() + "?Replaces=c%40x%3Bto-tag%3Dt%3Bfrom-tag%3Df";

    assertThat(peer.exchange("REFER", "Refer-To: <" + to + ">\r\n", "").status()).isEqualTo(202);

    assertThat(target.awaitInvite().header("Replaces")).contains("c@x;to-tag=t;from-tag=f");
  }

  @Test
  void theTargetMayHoldTheCallAndTransferItAgain() throws Exception {
    Message ok = peer.call("");
    assertThat(refer("").status()).isEqualTo(202);
    target.awaitInvite();
    target.accept(target.sdp());
    awaitNotify("200");
    peer.ok(peer.awaitRequest("BYE"));

    Message held = target.exchange("INVITE", target.sdp().replace("sendrecv", "sendonly"));

    assertThat(held.status()).isEqualTo(200);
    assertThat(held.audioPort()).isEqualTo(ok.audioPort());
    assertThat(held.header("Allow").orElseThrow() + held.head()).contains("REFER");
  }
}
