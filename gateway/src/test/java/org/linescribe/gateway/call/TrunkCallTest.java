package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.srtp.SrtpMode;
import org.linescribe.gateway.trunk.LineSettings;
import org.linescribe.gateway.trunk.Route;
import org.linescribe.gateway.trunk.TestTrunk;
import org.linescribe.gateway.trunk.Trunk;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.SipKit;
import org.linescribe.testsupport.Tool;

/** Trunks on the wire: who is let in, with what, and how many. */
class TrunkCallTest {
  private static final Trunk PHONES =
      TestTrunk.of(
          "phones",
          Map.of(
              "domains",
              List.of("127.0.0.1"),
              "username",
              "alice",
              "password",
              "secret",
              "maxCalls",
              1));

  @TempDir Path work;
  private Clock clock = Clock.systemUTC();
  private final RecordingSessionsFake sessions = new RecordingSessionsFake();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private SipGateway gateway;
  private RawSipPeer peer;

  private void start(List<Trunk> trunks, Route... routes) throws Exception {
    start(Map.of("trunks", trunks, "routes", List.of(routes)));
  }

  private void start(Map<String, Object> line) throws Exception {
    gateway =
        new SipGateway(
                SipSettings.on("127.0.0.1:0"),
                PatientRtp.settings(),
                CallSettings.defaults(),
                sessions,
                registry,
                clock)
            .line(SettingsDefaults.of(LineSettings.class, line));
    gateway.start();
    peer = new RawSipPeer(gateway.udpAddress());
  }

  @AfterEach
  void stop() {
    peer.close();
    gateway.stop();
  }

  @Test
  @NeedsTool({Tool.SIPP, Tool.PYTHON})
  void sippProvesItsCredentials() throws Exception {
    // It looks at the first challenge only.
    start(Map.of("trunks", List.of(PHONES), "digest", List.of("MD5")));

    SipKit.Run run =
        new SipKit(work).call("uac_digest_auth", gateway.udpAddress(), Map.of(), "agent");

    assertThat(run.status()).as(run.output()).isZero();
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    assertThat(sessions.only().request.owner()).contains("phones");
    assertThat(sessions.only().attributes()).containsEntry("trunk", "phones");
    Speech.assertHeard("agent", sessions.only().timeline());
  }

  /** Linphone answers the digest of RFC 8760, which SIPp and baresip of Debian 12 do not know. */
  @ParameterizedTest
  @ValueSource(strings = {"SHA-256", "SHA-256,MD5"})
  @NeedsTool(Tool.LINPHONE)
  void linphoneProvesItsCredentialsBySha256(String offered) throws Exception {
    start(Map.of("trunks", List.of(PHONES), "digest", List.of(offered.split(","))));

    try (LinphoneCaller linphone =
        LinphoneCaller.withPassword(work, "alice", "secret", "SHA-256")) {
      linphone.say("call sip:x@127.0.0.1:" + gateway.udpAddress().getPort());
      linphone.awaitMedia(1);
      linphone.say("terminate");
      await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    }
    assertThat(sessions.only().request.owner()).contains("phones");
  }

  @Test
  @NeedsTool(Tool.LINPHONE)
  void refusesLinphonesWrongPassword() throws Exception {
    start(Map.of("trunks", List.of(PHONES), "digest", List.of("SHA-256")));

    try (LinphoneCaller linphone = LinphoneCaller.withPassword(work, "alice", "no", "SHA-256")) {
      linphone.say("call sip:x@127.0.0.1:" + gateway.udpAddress().getPort());
      await().until(() -> outcomes("rejected-403") == 1);
    }
    assertThat(outcomes("rejected-401")).isEqualTo(1);
    assertThat(sessions.recordings).isEmpty();
  }

  private double outcomes(String outcome) {
    return registry.counter("linescribe.call.outcomes", "outcome", outcome).count();
  }

  @Test
  void challengesWithEveryAlgorithmAndLetsNobodyInWithoutAnAnswer() throws Exception {
    start(List.of(PHONES));

    peer.send(peer.request("INVITE", "", peer.sdp()));
    RawSipPeer.Message challenged = peer.awaitFinal();

    assertThat(challenged.status()).isEqualTo(401);
    assertThat(challenged.head().lines().filter(line -> line.startsWith("WWW-Authenticate: ")))
        .hasSize(2)
        .anyMatch(line -> line.contains("SHA-256"))
        .anyMatch(line -> line.contains("MD5"));
    assertThat(sessions.recordings).isEmpty();
  }

  @Test
  void refusesStrangersOnceThereIsATrunk() throws Exception {
    start(List.of(TestTrunk.of("far", Map.of("addresses", List.of("192.0.2.1")))));

    assertThat(peer.call("").status()).isEqualTo(403);
    assertThat(sessions.recordings).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "REQUIRED, false, 488",
    "REQUIRED, true, 200",
    "OFF, true, 488",
    "OFF, false, 200",
    ", true, 200",
    ", false, 200"
  })
  void aTrunkHasItsOwnModeOfEncryption(SrtpMode mode, boolean isEncrypted, int status)
      throws Exception {
    Map<String, Object> trunk = new HashMap<>(Map.of("addresses", List.of("127.0.0.0/8")));
    trunk.put("srtp", mode);
    start(List.of(TestTrunk.of("near", trunk)));
    String offer =
        isEncrypted
            ? peer.sdp().replace("RTP/AVP", "RTP/SAVP")
                + ("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + WireFuzz.KEY + "\r\n")
            : peer.sdp();

    assertThat(peer.call("", offer).status()).isEqualTo(status);
  }

  @Test
  void aTrunksLimitIsA503AndAnEndedCallFreesItsPlace() throws Exception {
    start(
        List.of(TestTrunk.of("near", Map.of("addresses", List.of("127.0.0.0/8"), "maxCalls", 1))));

    assertThat(peer.call("").status()).isEqualTo(200);
    try (RawSipPeer second = new RawSipPeer(gateway.udpAddress())) {
      RawSipPeer.Message busy = second.call("");
      assertThat(busy.status()).isEqualTo(503);
      assertThat(busy.header("Retry-After")).isPresent();
    }
    peer.exchange("BYE", "", "");
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    await()
        .untilAsserted(
            () -> {
              try (RawSipPeer third = new RawSipPeer(gateway.udpAddress())) {
                assertThat(third.call("").status()).isEqualTo(200);
              }
            });
  }

  @Test
  void aTrunksRateIsA503AndTheNextSecondsCallsAreTaken() throws Exception {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    InstantSource instants = now::get;
    clock = instants.withZone(ZoneOffset.UTC);
    start(
        List.of(
            TestTrunk.of(
                "near", Map.of("addresses", List.of("127.0.0.0/8"), "callsPerSecond", 2))));

    for (int status : new int[] {200, 200, 503, 503}) {
      assertCalled(status);
    }
    now.set(Instant.EPOCH.plusMillis(500));
    assertCalled(200);
    assertCalled(503);
    assertThat(sessions.recordings).hasSize(3).allMatch(one -> one.endReason() == null);
  }

  private void assertCalled(int status) throws Exception {
    try (RawSipPeer caller = new RawSipPeer(gateway.udpAddress())) {
      RawSipPeer.Message answer = caller.call("");
      assertThat(answer.status()).isEqualTo(status);
      if (status == 503) {
        assertThat(answer.header("Retry-After")).contains("5");
        caller.ackRejected(answer);
      }
    }
  }

  @Test
  void aRuleSaysWhatACallGets() throws Exception {
    start(
        List.of(),
        new Route(
            "serv*",
            null,
            null,
            "de-DE",
            "sherpa",
            "small",
            Duration.ofMillis(600),
            null,
            List.of("summary", "entities"),
            null,
            List.of("Acme", "John Smith"),
            null));

    assertThat(peer.call("").status()).isEqualTo(200);

    assertThat(sessions.only().request.recognition().language()).contains("de-DE");
    assertThat(sessions.only().request.recognition().model()).contains("small");
    assertThat(sessions.only().request.recognition().hotwords())
        .containsExactly("Acme", "John Smith");
    assertThat(sessions.only().request.recognition().endpointSilence())
        .contains(Duration.ofMillis(600));
    assertThat(sessions.only().attributes())
        .containsEntry("route_model", "small")
        .containsEntry("route_insights", "entities,summary");
  }
}
