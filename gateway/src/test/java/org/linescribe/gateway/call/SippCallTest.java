package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.SipKit;
import org.linescribe.testsupport.Tool;

/** SIPp, which nobody here wrote, calls the gateway with real audio. */
@NeedsTool({Tool.SIPP, Tool.PYTHON})
class SippCallTest {
  @TempDir Path work;
  private final RecordingSessionsFake sessions = new RecordingSessionsFake();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private SipGateway gateway;
  private SipKit kit;

  @BeforeEach
  void start() throws Exception {
    kit = new SipKit(work);
    gateway = gateway(CallSettings.defaults());
  }

  private SipGateway gateway(CallSettings calls) throws Exception {
    SipGateway made =
        new SipGateway(
            SipSettings.on("127.0.0.1:0"),
            PatientRtp.settings(),
            calls,
            sessions,
            registry,
            Clock.systemUTC());
    made.start();
    return made;
  }

  @AfterEach
  void stop() {
    gateway.stop();
  }

  @ParameterizedTest
  @ValueSource(strings = {"uac_g711u", "uac_g711a", "uac_late_offer"})
  void takesACallWithItsAudio(String scenario) {
    SipKit.Run run = kit.call(scenario, gateway.udpAddress(), Map.of(), "agent");

    assertThat(run.status()).as(run.output()).isZero();
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    Speech.assertHeard("agent", sessions.only().timeline());
    assertThat(sessions.only().openedOnVirtualThread).isTrue();
  }

  @Test
  void takesACallOverTcp() {
    SipKit.Run run =
        kit.call("uac_g711u", gateway.tcpAddress(), Map.of(), "agent", "--", "-t", "t1");

    assertThat(run.status()).as(run.output()).isZero();
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    assertThat(sessions.only().request.attributes()).containsEntry("transport", "tcp");
    Speech.assertHeard("agent", sessions.only().timeline());
  }

  /** SIPp's own sender instead of a capture. */
  @ParameterizedTest
  @ValueSource(strings = {"uac_g711u_stream", "uac_g711a_stream"})
  void hearsSippsOwnStream(String scenario) {
    SipKit.Run run = kit.call(scenario, gateway.udpAddress(), Map.of(), "agent");

    assertThat(run.status()).as(run.output()).isZero();
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    Speech.assertHeard("agent", sessions.only().timeline());
  }

  /** All with the same SSRC. */
  @Test
  void hearsSeveralCallsOfOneCaptureAtOnce() {
    SipKit.Run run = kit.call("uac_load_pcap", gateway.udpAddress(), Map.of("CALLS", "3"), "agent");

    assertThat(run.status()).as(run.output()).isZero();
    await()
        .untilAsserted(
            () ->
                assertThat(sessions.recordings)
                    .hasSize(3)
                    .allSatisfy(one -> assertThat(one.endReason()).isEqualTo("bye")));
    sessions.recordings.forEach(one -> Speech.assertHeard("agent", one.timeline()));
  }

  /** Two streams at once, and one that joins while the other speaks. */
  @ParameterizedTest
  @ValueSource(strings = {"uac_siprec", "uac_siprec_join"})
  void hearsBothStreamsOfARecording(String scenario) {
    SipKit.Run run = kit.call(scenario, gateway.udpAddress(), Map.of(), "speech", "agent");

    assertThat(run.status()).as(run.output()).isZero();
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    Speech.assertHeard("speech", sessions.only().timeline(0));
    Speech.assertHeard("agent", sessions.only().timeline(1));
  }

  @Test
  void takesAKeyByInfo() {
    SipKit.Run run = kit.call("uac_dtmf_info", gateway.udpAddress(), Map.of(), "agent");

    assertThat(run.status()).as(run.output()).isZero();
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    assertThat(sessions.only().digits()).isEqualTo("5");
  }

  @ParameterizedTest
  @ValueSource(strings = {"uac_g729_only", "uac_options"})
  void answersWithoutASession(String scenario) {
    SipKit.Run run = kit.call(scenario, gateway.udpAddress(), Map.of());

    assertThat(run.status()).as(run.output()).isZero();
    assertThat(sessions.recordings).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"uac_cancel", "uac_cancel_immediate"})
  void endsARingingCallByCancel(String scenario) throws Exception {
    gateway.stop();
    gateway =
        gateway(
            SettingsDefaults.of(CallSettings.class, Map.of("answerDelay", Duration.ofSeconds(20))));

    SipKit.Run run = kit.call(scenario, gateway.udpAddress(), Map.of());

    assertThat(run.status()).as(run.output()).isZero();
    await().until(() -> registry.get("linescribe.call.active").gauge().value() == 0);
    assertThat(registry.counter("linescribe.call.outcomes", "outcome", "cancel").count())
        .isEqualTo(1);
    // A CANCEL that meets the opening ends the call before there is a session.
    await()
        .untilAsserted(
            () ->
                assertThat(sessions.recordings)
                    .allSatisfy(r -> assertThat(r.endReason()).isEqualTo("cancel")));
  }

  @Test
  void keepsTheTimelineThroughHoldAndResume() {
    long startNs = System.nanoTime();
    SipKit.Run run =
        kit.call(
            "uac_hold_resume", gateway.udpAddress(), Map.of("PAUSE_MS", "5000"), "agent", "agent");
    long endNs = System.nanoTime();

    assertThat(run.status()).as(run.output()).isZero();
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    assertThat(sessions.only().flushes()).isPositive();
    Speech.assertHeard("agent", sessions.only().timeline());
    // two phrases of 5 s with their pauses, and a hold of 1.5 s between them; no more than the time
    // that the caller took for it
    long tookMs = (endNs - startNs) / 1_000_000;
    assertThat((long) sessions.only().timeline().length).isBetween(11 * 8000L, tookMs * 8);
  }

  @Test
  void hearsKeysBesideTheVoice() {
    SipKit.Run run =
        kit.call("uac_dtmf_rfc4733", gateway.udpAddress(), Map.of("DIGITS", "159#"), "agent");

    assertThat(run.status()).as(run.output()).isZero();
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    assertThat(registry.counter("linescribe.call.telephone.events").count()).isEqualTo(4);
    // One digit for each event, whatever its packets, and each where it was pressed.
    assertThat(sessions.only().digits()).isEqualTo("159#");
    assertThat(sessions.only().keys)
        .extracting(key -> Long.parseLong(key.substring(2)))
        .isSorted()
        .allSatisfy(ms -> assertThat(ms).isBetween(0L, sessions.only().timeline().length / 8L));
    Speech.assertHeard("agent", sessions.only().timeline());
  }
}
