package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.trunk.LineSettings;
import org.linescribe.gateway.trunk.TestTrunk;
import org.linescribe.gateway.trunk.Trunk;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.SipKit;
import org.linescribe.testsupport.Tool;

/** SIPp hands its call over to another SIPp, and both are heard in one session. */
@NeedsTool({Tool.SIPP, Tool.PYTHON})
class TransferredCallTest {
  @TempDir Path work;

  @Test
  void bothHalvesAreHeardInOneSession() throws Exception {
    SipKit kit = new SipKit(work);
    RecordingSessionsFake sessions = new RecordingSessionsFake();
    Trunk trunk =
        TestTrunk.of("pbx", Map.of("addresses", List.of("127.0.0.1"), "refer", Trunk.Refer.FOLLOW));
    try (SipGateway gateway =
        new SipGateway(
                SipSettings.on("127.0.0.1:0"),
                PatientRtp.settings(),
                CallSettings.defaults(),
                sessions,
                new SimpleMeterRegistry(),
                Clock.systemUTC())
            .line(SettingsDefaults.of(LineSettings.class, Map.of("trunks", List.of(trunk))))) {
      gateway.start();
      int port = SipKit.freeBase(1);
      CompletableFuture<SipKit.Run> called =
          CompletableFuture.supplyAsync(
              () ->
                  kit.call(
                      "uas_play",
                      gateway.udpAddress(),
                      Map.of("SIP_PORT", Integer.toString(port)),
                      "agent"));
      await().until(() -> !SipKit.isFree(port));

      SipKit.Run caller =
          kit.call(
              "uac_refer",
              gateway.udpAddress(),
              Map.of(),
              "speech",
              "--",
              "-key",
              "refer_to",
              "sip:b@127.0.0.1:" + port);

      assertThat(caller.status()).as(caller.output()).isZero();
      assertThat(called.get().status()).as(called.get().output()).isZero();
      await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    }
    short[] timeline = sessions.only().timeline();
    Speech.assertHeard("speech", timeline);
    Speech.assertHeard("agent", timeline);
    short[] first = Speech.samples("speech");
    short[] second = Speech.samples("agent");
    assertThat(Speech.offset(second, timeline, 0, second.length))
        .isGreaterThanOrEqualTo(Speech.offset(first, timeline, 0, first.length) + first.length);
  }
}
