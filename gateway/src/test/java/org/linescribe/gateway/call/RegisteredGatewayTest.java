package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.session.SourceClosed;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.SipKit;
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
    Account extension =
        new Account("sip:127.0.0.1:" + pbx.port(), "100", null, null, "secret", null, null);
    SipGateway gateway =
        new SipGateway(
                SipSettings.on("127.0.0.1:0"),
                PatientRtp.settings(),
                CallSettings.defaults(),
                sessions,
                registry,
                Clock.systemUTC())
            .registrations(
                SettingsDefaults.of(
                    RegistrationSettings.class, Map.of("accounts", List.of(extension))));
    gateway.start();
    await().until(() -> pbx.log().contains("registered 100"));
    return gateway;
  }

  @ParameterizedTest
  @ValueSource(strings = {"MD5", "SHA-256"})
  void hearsACallToItsExtension(String digest) throws Exception {
    try (KamailioRegistrar pbx = KamailioRegistrar.start(work.resolve("pbx"), digest);
        SipGateway gateway = registeredAt(pbx)) {
      SipKit.Run run =
          new SipKit(work).call("uac_g711u", pbx.address(), Map.of("TO_USER", "100"), "agent");

      assertThat(run.status()).as(run.output()).isZero();
      await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
      Speech.assertHeard("agent", sessions.only().timeline());
      assertThat(gateway.open()).isEmpty();
    }
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
      await().until(() -> gateway.open().size() == 1);

      sessions.only().listener.onClosed(SourceClosed.IDLE);

      RawSipPeer.Message bye = caller.awaitRequest("BYE");
      assertThat(bye.head().split("Via:", -1)).as("ours and the PBX's").hasSize(3);
      caller.ok(bye);
      await().until(() -> gateway.open().isEmpty());
    }
  }
}
