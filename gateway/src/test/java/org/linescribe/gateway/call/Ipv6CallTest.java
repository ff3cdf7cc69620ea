package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;

/** Calls over IPv6, with the gateway's own address and with an advertised one. */
@NeedsTool(Tool.IPV6)
class Ipv6CallTest {
  private final RecordingSessionsFake sessions = new RecordingSessionsFake();

  @ParameterizedTest
  @CsvSource({
    "'', 0:0:0:0:0:0:0:1, [0:0:0:0:0:0:0:1]",
    "2001:db8::7, 2001:db8::7, [2001:db8::7]",
    "[2001:db8::7], 2001:db8::7, [2001:db8::7]"
  })
  void takesACall(String advertised, String inSdp, String inContact) throws Exception {
    SipSettings defaults = SipSettings.on("[::1]:0");
    SipSettings sip =
        new SipSettings(
            "[::1]:0",
            advertised,
            List.of(),
            List.of(),
            defaults.maxConnections(),
            defaults.idleTimeout(),
            defaults.messageTimeout(),
            defaults.maxMessageBytes(),
            defaults.maxMessagesPerSource());
    try (SipGateway gateway =
        new SipGateway(
            sip,
            RtpSettings.on("0"),
            CallSettings.defaults(),
            sessions,
            new SimpleMeterRegistry(),
            Clock.systemUTC())) {
      gateway.start();
      try (RawSipPeer peer = new RawSipPeer(gateway.udpAddress())) {
        RawSipPeer.Message ok = peer.call("");
        assertThat(ok.status()).as(ok.head()).isEqualTo(200);
        assertThat(ok.body()).contains("c=IN IP6 " + inSdp);
        assertThat(ok.header("Contact").orElseThrow())
            .contains("@" + inContact + ":" + gateway.udpAddress().getPort());
        for (int i = 0; i < 5; i++) {
          peer.rtp(ok.audioPort(), i, i * 160L, 7, (byte) 0x80);
        }
        await()
            .untilAsserted(() -> assertThat(sessions.only().timeline().length).isGreaterThan(800));

        assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
        await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
      }
    }
  }
}
