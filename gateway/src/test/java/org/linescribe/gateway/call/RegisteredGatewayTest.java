package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.linescribe.gateway.call.CalledGateway.control;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.registration.Account;
import org.linescribe.gateway.registration.KamailioRegistrar;
import org.linescribe.gateway.registration.RegistrationSettings;
import org.linescribe.gateway.sip.SipListeners;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.sip.SipWebSocketSettings;
import org.linescribe.gateway.tls.TlsSettings;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.calls.RegistrationStatus;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.SipKit;
import org.linescribe.testsupport.TestCertificate;
import org.linescribe.testsupport.Tool;

/**
 * The gateway is an extension of a PBX: Kamailio sends it SIPp's calls, and their audio is heard.
 */
@NeedsTool({Tool.KAMAILIO, Tool.SIPP, Tool.PYTHON})
class RegisteredGatewayTest {
  @TempDir Path work;
  private final RecordingSessionsFake sessions = new RecordingSessionsFake();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private SipGateway registeredAt(KamailioRegistrar pbx) throws Exception {
    return registeredAt(pbx, SipListeners.of(SipSettings.on("127.0.0.1:0")), "udp");
  }

  private SipGateway registeredAt(KamailioRegistrar pbx, SipListeners listeners, String transport)
      throws Exception {
    SipGateway gateway = registering(pbx, listeners, transport);
    await()
        .until(() -> pbx.log().matches("(?s).*registered 100 expires \\d+ by " + transport + ".*"));
    return gateway;
  }

  private SipGateway registering(KamailioRegistrar pbx, SipListeners listeners, String transport)
      throws Exception {
    String registrar = "sip:127.0.0.1:" + pbx.port() + ";transport=" + transport;
    Account extension = new Account(registrar, "100", null, null, "secret", null, null);
    SipGateway gateway =
        new SipGateway(
                listeners,
                PatientRtp.settings(),
                CallSettings.defaults(),
                sessions,
                registry,
                Clock.systemUTC())
            .registrations(
                SettingsDefaults.of(
                    RegistrationSettings.class, Map.of("accounts", List.of(extension))));
    gateway.start();
    return gateway;
  }

  /**
   * By TLS, with a certificate of its own.
   *
   * @param trusted whose certificate it takes
   */
  private SipListeners byTls(TestCertificate trusted) throws Exception {
    TestCertificate own = TestCertificate.make(work, "gateway");
    return new SipListeners(
        SipSettings.on("127.0.0.1:0"),
        SettingsDefaults.of(
            TlsSettings.class,
            Map.of(
                "bind",
                "127.0.0.1:0",
                "certificate",
                own.certificate().toString(),
                "key",
                own.key().toString(),
                "authorities",
                trusted.certificate().toString())),
        SipWebSocketSettings.off());
  }

  @ParameterizedTest
  @ValueSource(strings = {"MD5", "SHA-256"})
  void hearsACallToItsExtension(String digest) throws Exception {
    try (KamailioRegistrar pbx = KamailioRegistrar.start(work.resolve("pbx"), digest);
        SipGateway gateway = registeredAt(pbx)) {
      assertHearsItsCalls(pbx, gateway, "udp");
    }
  }

  @Test
  void hearsACallToItsExtensionByTcp() throws Exception {
    try (KamailioRegistrar pbx = KamailioRegistrar.startTcp(work.resolve("pbx"), "SHA-256");
        SipGateway gateway =
            registeredAt(pbx, SipListeners.of(SipSettings.on("127.0.0.1:0")), "tcp")) {
      assertHearsItsCalls(pbx, gateway, "tcp");
    }
  }

  @Test
  @NeedsTool({Tool.KAMAILIO_TLS, Tool.OPENSSL})
  void hearsACallToItsExtensionByTls() throws Exception {
    TestCertificate shown = TestCertificate.make(work, "pbx");
    try (KamailioRegistrar pbx = KamailioRegistrar.startTls(work.resolve("pbx"), "SHA-256", shown);
        SipGateway gateway = registeredAt(pbx, byTls(shown), "tls")) {
      assertHearsItsCalls(pbx, gateway, "tls");
    }
  }

  @Test
  @NeedsTool({Tool.KAMAILIO_TLS, Tool.OPENSSL})
  void tellsNoRegistrarAnythingWhoseCertificateItDoesNotTrust() throws Exception {
    TestCertificate shown = TestCertificate.make(work, "pbx");
    TestCertificate other = TestCertificate.make(work, "other");
    try (KamailioRegistrar pbx = KamailioRegistrar.startTls(work.resolve("pbx"), "SHA-256", shown);
        SipGateway gateway = registering(pbx, byTls(other), "tls")) {
      await().until(() -> registry.counter("linescribe.registration.failures").count() >= 1);

      assertThat(gateway.registrations())
          .extracting(RegistrationStatus::state)
          .doesNotContain(RegistrationStatus.State.REGISTERED);
      assertThat(pbx.log()).doesNotContain("registered 100");
    }
  }

  /** SIPp calls the extension at the PBX, which brings the call as the extension registered. */
  private void assertHearsItsCalls(KamailioRegistrar pbx, SipGateway gateway, String transport) {
    SipKit.Run run =
        new SipKit(work).call("uac_g711u", pbx.address(), Map.of("TO_USER", "100"), "agent");

    assertThat(run.status()).as(run.output()).isZero();
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    assertThat(sessions.only().request.attributes()).containsEntry("transport", transport);
    Speech.assertHeard("agent", sessions.only().timeline());
    assertThat(control(gateway).open()).isEmpty();
  }

  /** Our BYE goes through the PBX, which has record-routed. */
  @Test
  void hangsUpThroughThePbx() throws Exception {
    try (KamailioRegistrar pbx = KamailioRegistrar.start(work.resolve("pbx"), "MD5");
        SipGateway gateway = registeredAt(pbx);
        RawSipPeer caller = new RawSipPeer(pbx.address())) {
      String invite =
          caller.request("INVITE", "", caller.sdp()).replaceFirst("sip:service@", "sip:100@");
      caller.send(invite);
      RawSipPeer.Message ok = caller.awaitFinal();
      assertThat(ok.status()).as(ok.head()).isEqualTo(200);
      String route = ok.header("Record-Route").orElseThrow();
      caller.remember(ok);
      String contact = ok.header("Contact").orElseThrow().split("[<>]")[1];
      caller.send(
          caller
              .request("ACK", "z9hG4bKack", "Route: " + route + "\r\n", "")
              .replaceFirst("ACK \\S+", "ACK " + contact)
              .replaceFirst("CSeq: \\d+", "CSeq: 1"));
      await().until(() -> control(gateway).open().size() == 1);

      sessions.only().listener.onClosed(SourceClosed.IDLE);

      RawSipPeer.Message bye = caller.awaitRequest("BYE");
      assertThat(bye.head().split("Via:", -1)).as("ours and the PBX's").hasSize(3);
      caller.ok(bye);
      await().until(() -> control(gateway).open().isEmpty());
    }
  }
}
