package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.call.RawSipPeer.Message;
import org.linescribe.settings.SettingsDefaults;

/** What peers that are broken, gone or hostile may cost. */
class HostilePeerTest extends CalledGateway {
  private double defects(String kind) {
    return registry.counter("linescribe.sip.defects", "kind", kind).count();
  }

  private double outcomes(String outcome) {
    return registry.counter("linescribe.call.outcomes", "outcome", outcome).count();
  }

  /** The parser's cost grows with the square of the values. */
  @ParameterizedTest
  @CsvSource({
    "Route,<sip:a.example>",
    "Record-Route,<sip:a.example>",
    "Via,SIP/2.0/UDP h;branch=1"
  })
  void refusesMoreValuesInAHeaderThanHopsAreAllowed(String name, String value) throws IOException {
    String header = name + ": " + String.join(",", Collections.nCopies(1000, value));

    peer.send(peer.request("OPTIONS", "", "").replaceFirst("(Max-Forwards)", header + "\r\n$1"));

    assertThat(peer.awaitFinal().status()).isEqualTo(400);
    assertThat(peer.exchange("OPTIONS", "", "").status()).isEqualTo(200);
  }

  @Test
  void servesARequestThatPassedAsManyProxiesAsAreAllowed() throws IOException {
    String vias = "Via: SIP/2.0/UDP p.example;branch=z9hG4bK1\r\n".repeat(60);

    assertThat(peer.exchange("OPTIONS", vias, "").status()).isEqualTo(200);
  }

  /** RFC 3261 §17.2.3: a peer of RFC 2543 has no branch. */
  @ParameterizedTest
  @ValueSource(strings = {"ACK", "INVITE", "OPTIONS", "BYE", "CANCEL"})
  void survivesARequestWithoutABranch(String method) throws IOException {
    String body = method.equals("INVITE") ? peer.sdp() : "";

    peer.send(peer.request(method, "", body).replaceFirst(";branch=[^\r]*", ""));

    if (!method.equals("ACK")) {
      assertThat(peer.awaitFinal().status()).isIn(200, 481);
    }
    assertThat(peer.exchange("OPTIONS", "", "").status()).isEqualTo(200);
    assertThat(defects("internal")).isZero();
  }

  /** Each address for itself. */
  @Test
  void dropsTheMessagesOfAnAddressThatSendsTooManyAndServesOthers() throws Exception {
    try (DatagramSocket flooder = new DatagramSocket(0, InetAddress.getByName("127.0.0.9"))) {
      byte[] options = peer.request("OPTIONS", "", "").getBytes(StandardCharsets.US_ASCII);
      await()
          .until(
              () -> {
                for (int i = 0; i < 2000; i++) {
                  flooder.send(new DatagramPacket(options, options.length, gateway.udpAddress()));
                }
                return defects("source_limit") > 0;
              });
    }

    assertThat(peer.call("").status()).isEqualTo(200);
  }

  @Test
  void refusesUnacknowledgedCallsOfOneAddressBeyondTheLimit() throws Exception {
    restart(
        SettingsDefaults.of(
            CallSettings.class,
            Map.of("maxPendingPerSource", 2, "ackTimeout", Duration.ofSeconds(60))));
    for (int i = 0; i < 2; i++) {
      try (RawSipPeer silent = new RawSipPeer(gateway.udpAddress())) {
        silent.send(silent.request("INVITE", "", silent.sdp()));
        assertThat(silent.awaitFinal().status()).isEqualTo(200);
      }
    }

    Message refused = peer.call("");

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.header("Retry-After")).isPresent();
  }

  /** Twice the limit of a source is more than strangers get together. */
  @Test
  void aFloodFromManyAddressesLeavesThoseWhoHaveCalledAndNewcomersTheirPlaces() throws Exception {
    restart(
        SettingsDefaults.of(
            CallSettings.class,
            Map.of("maxPendingPerSource", 4, "ackTimeout", Duration.ofSeconds(60))));
    assertThat(peer.call("").status()).isEqualTo(200);
    List<RawSipPeer> silent = new ArrayList<>();
    try (RawSipPeer again = new RawSipPeer(gateway.udpAddress());
        RawSipPeer newcomer = new RawSipPeer(gateway.udpAddress(), "127.0.0.99")) {
      int refused = 0;
      for (int i = 0; i < 16; i++) {
        RawSipPeer stranger = new RawSipPeer(gateway.udpAddress(), "127.0.0." + (10 + i % 4));
        silent.add(stranger);
        stranger.send(stranger.request("INVITE", "", stranger.sdp()));
        refused += stranger.awaitFinal().status() == 503 ? 1 : 0;
      }
      assertThat(refused).isBetween(10, 12);

      assertThat(newcomer.call("").status()).isEqualTo(200);
      assertThat(again.call("").status()).isEqualTo(200);
    } finally {
      silent.forEach(RawSipPeer::close);
    }
  }

  /** As of a flood whose addresses are forged: each is within its own limit. */
  @Test
  void aFullNodeGivesUpTheCallThatWaitsLongestForItsAck() throws Exception {
    restart(settings(2, Duration.ofSeconds(60), Duration.ofSeconds(60)));
    try (RawSipPeer first = new RawSipPeer(gateway.udpAddress());
        RawSipPeer second = new RawSipPeer(gateway.udpAddress())) {
      for (RawSipPeer silent : List.of(first, second)) {
        silent.send(silent.request("INVITE", "", silent.sdp()));
        assertThat(silent.awaitFinal().status()).isEqualTo(200);
        mediaClock.advance(Duration.ofMillis(100));
      }
      try (RawSipPeer early = new RawSipPeer(gateway.udpAddress())) {
        assertThat(early.call("").status()).isEqualTo(503);
      }
      mediaClock.advance(Duration.ofSeconds(2));

      assertThat(peer.call("").status()).isEqualTo(200);

      assertThat(first.awaitRequest("BYE").header("Reason").orElseThrow()).contains("No ACK");
      await().until(() -> outcomes("no-ack") == 1);
      assertThat(openCalls()).isEqualTo(2);
      assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    }
  }

  @Test
  void aFullNodeKeepsACallThatRangLongAndWasAnsweredJustNow() throws Exception {
    restart(settings(1, Duration.ofSeconds(60), Duration.ofSeconds(60)));
    sessions.holdOpenings();
    try (RawSipPeer patient = new RawSipPeer(gateway.udpAddress())) {
      patient.send(patient.request("INVITE", "", patient.sdp()));
      patient.await(message -> message.status() == 180);
      mediaClock.advance(Duration.ofSeconds(5));
      sessions.letOpen();
      assertThat(patient.awaitFinal().status()).isEqualTo(200);

      assertThat(peer.call("").status()).isEqualTo(503);
    }
    assertThat(openCalls()).isEqualTo(1);
    assertThat(outcomes("no-ack")).isZero();
  }

  @Test
  void ignoresTheSessionIdOfACallerOutsideTheNetworks() throws Exception {
    restart(
        SettingsDefaults.of(
            CallSettings.class, Map.of("sessionIdNetworks", List.of("192.0.2.0/24"))));

    Message ok = peer.call("X-Session-Id: somebody-elses\r\n");

    assertThat(ok.status()).isEqualTo(200);
    assertThat(ok.header("X-Session-Id").orElseThrow()).isNotEqualTo("somebody-elses");
  }

  private static final Duration KEEPALIVE = Duration.ofSeconds(12);

  /** The peer is silent for as long as a call may be without being asked. */
  private Message awaitQuestion() throws IOException {
    mediaClock.advance(KEEPALIVE);
    time.advance(KEEPALIVE);
    Message question = peer.awaitNewRequest("OPTIONS");
    // The time for its answer runs.
    awaitTimer(KEEPALIVE);
    return question;
  }

  private String hold(String kind) {
    return switch (kind) {
      case "sendonly", "inactive" -> peer.sdp(kind);
      case "c=0.0.0.0" -> peer.sdp().replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0");
      default -> throw new IllegalArgumentException(kind);
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"sendonly", "inactive", "c=0.0.0.0"})
  void endsAHeldCallWhosePeerDoesNotAnswerInTheDialog(String kind) throws Exception {
    standStill(KEEPALIVE);
    callAcknowledged("");
    assertThat(peer.exchange("INVITE", "", hold(kind)).status()).isEqualTo(200);
    peer.ack();

    assertThat(awaitQuestion().startLine()).startsWith("OPTIONS ");
    time.advance(KEEPALIVE);

    await().until(() -> outcomes("peer-lost") == 1);
    assertThat(peer.awaitRequest("BYE").header("Reason").orElseThrow()).contains("408");
  }

  /** Who speaks again is there, though it answers nothing within a dialog. */
  @Test
  void keepsACallWhosePeerSpeaksWhileItIsAsked() throws Exception {
    standStill(KEEPALIVE);
    int port = callAcknowledged("").audioPort();
    String asked = awaitQuestion().header("CSeq").orElseThrow();

    peer.rtp(port, 1, 160, 7, (byte) 0x90);
    await().until(() -> sessions.only().acceptedSamples() > 0);
    time.advance(KEEPALIVE);
    awaitKeepalive();
    mediaClock.advance(KEEPALIVE);
    time.advance(KEEPALIVE);

    Message next =
        peer.await(m -> m.status() == 0 && !m.header("CSeq").orElseThrow().equals(asked));
    assertThat(next.startLine()).as("asked again once it is silent").startsWith("OPTIONS ");
    peer.ok(next);
    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    await().until(() -> outcomes("bye") == 1);
  }

  @Test
  void keepsAHeldCallWhosePeerAnswersAndAsksAgain() throws Exception {
    standStill(KEEPALIVE);
    callAcknowledged("");
    peer.exchange("INVITE", "", hold("inactive"));
    peer.ack();

    for (int i = 0; i < 3; i++) {
      peer.ok(awaitQuestion());
      awaitKeepalive();
    }

    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    await().until(() -> outcomes("bye") == 1);
  }
}
