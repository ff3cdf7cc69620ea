package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.trunk.LineSettings;
import org.linescribe.gateway.trunk.TestTrunk;
import org.linescribe.gateway.trunk.Trunk;
import org.linescribe.settings.SettingsDefaults;

/** Whose a call is, on the wire: only the same trunk, or the same host, takes its session over. */
class CallOwnerTest extends CalledGateway {
  private static final String CHOSEN = "X-Session-Id: chosen\r\n";

  @Override
  LineSettings line() {
    return SettingsDefaults.of(
        LineSettings.class,
        Map.of(
            "strangers",
            LineSettings.Strangers.ACCEPT,
            "trunks",
            List.of(trunk("head-office", "127.0.0.1/32"), trunk("branch", "127.0.0.2/31"))));
  }

  private static Trunk trunk(String name, String network) {
    return TestTrunk.of(name, Map.of("addresses", List.of(network)));
  }

  @BeforeEach
  void trustANetwork() throws Exception {
    restart(
        SettingsDefaults.of(
            CallSettings.class, Map.of("sessionIdNetworks", List.of("127.0.0.4/30"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.2", "127.0.0.4"})
  void refusesTheSessionOfALiveCallToAnother(String host) throws Exception {
    peer.call(CHOSEN);
    try (RawSipPeer other = new RawSipPeer(gateway.udpAddress(), host)) {
      RawSipPeer.Message refused = other.call(CHOSEN);
      other.ackRejected(refused);

      assertThat(refused.status()).isEqualTo(486);
      assertThat(refused.header("Warning").orElseThrow())
          .contains("another source has this session open");
    }
    assertThat(sessions.only().endReason()).isNull();
    await().until(() -> openCalls() == 1);
    assertThat(peer.exchange("OPTIONS", "", "").status()).isEqualTo(200);
  }

  @Test
  void letsANewerCallOfTheSameTrunkTakeTheSessionOver() throws Exception {
    try (RawSipPeer first = new RawSipPeer(gateway.udpAddress(), "127.0.0.2");
        RawSipPeer second = new RawSipPeer(gateway.udpAddress(), "127.0.0.3")) {
      first.call(CHOSEN);

      assertThat(second.call(CHOSEN).status()).isEqualTo(200);

      first.ok(first.awaitRequest("BYE"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, head-office,        chosen",
    "127.0.0.3, branch,             chosen",
    "127.0.0.5, sip:127.0.0.5,      chosen",
    "127.0.0.8, stranger:127.0.0.8, ",
  })
  void aCallBelongsToItsTrunkOrItsAddress(String host, String owner, String session)
      throws IOException {
    try (RawSipPeer caller = new RawSipPeer(gateway.udpAddress(), host)) {
      assertThat(caller.call(CHOSEN).status()).isEqualTo(200);
    }
    assertThat(sessions.only().request.owner()).contains(owner);
    assertThat(sessions.only().sessionId().value().equals("chosen")).isEqualTo(session != null);
  }

  @Test
  void knowsCallersByIpv6() throws Exception {
    CallerNetworks networks = CallerNetworks.of(List.of("fc00::/7"));

    assertThat(networks.owner(InetAddress.getByName("fd00::1")))
        .isEqualTo("sip:fd00:0:0:0:0:0:0:1");
    assertThat(networks.owner(InetAddress.getByName("::ffff:192.0.2.1")))
        .isEqualTo("stranger:192.0.2.1");
  }
}
