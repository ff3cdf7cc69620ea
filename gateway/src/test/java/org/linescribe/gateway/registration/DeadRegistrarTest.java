package org.linescribe.gateway.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.linescribe.gateway.sip.AnsweringPeer;
import org.linescribe.gateway.sip.SipListeners;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.gateway.sip.SipServer;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.sip.ZoneServer;
import org.linescribe.session.calls.RegistrationStatus;
import org.linescribe.settings.SettingsDefaults;

/** Of a registrar's two servers the first takes requests and answers none. */
class DeadRegistrarTest {
  /** Of a request over UDP until timer F: after 0, 0.5, 1.5, 3.5 s and then every 4 s. */
  private static final int REPETITIONS = 11;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void theNextServerIsAskedBeforeTheTransactionEnds() throws Exception {
    try (AnsweringPeer dead = new AnsweringPeer(0);
        AnsweringPeer alive = new AnsweringPeer(200);
        ZoneServer dns =
            new ZoneServer(
                "_sip._udp.pbx.test. 60 IN SRV 10 0 "
                    + dead.port()
                    + " localhost.\n"
                    + "_sip._udp.pbx.test. 60 IN SRV 20 0 "
                    + alive.port()
                    + " localhost.\n");
        SipServer server =
            new SipServer(
                SipListeners.of(SipSettings.on("127.0.0.1:0")),
                (dialog, invite) -> invite.reject(SipRefusal.of(486, "Busy Here")),
                registry,
                settings(dns).failover())) {
      server.start();
      try (Registrations registrations =
          new Registrations(settings(dns), server.client(), registry, Clock.systemUTC())) {
        registrations.start();
        await().until(() -> registry.get("linescribe.registration.active").gauge().value() == 1);
        assertThat(dead.requests()).hasSizeBetween(1, REPETITIONS - 1);
        await()
            .untilAsserted(
                () ->
                    assertThat(registrations.states())
                        .singleElement()
                        .satisfies(
                            state -> {
                              assertThat(state.account()).isEqualTo("100@127.0.0.1");
                              assertThat(state.state())
                                  .isEqualTo(RegistrationStatus.State.REGISTERED);
                              assertThat(state.code()).hasValue(200);
                              assertThat(state.registeredUntil().orElseThrow())
                                  .isAfter(state.nextAt().orElseThrow());
                            }));
      }
    }
  }

  private static RegistrationSettings settings(ZoneServer dns) {
    return SettingsDefaults.of(
        RegistrationSettings.class,
        Map.of(
            "dns",
            dns.address(),
            "answerTimeout",
            Duration.ofMillis(500),
            "accounts",
            List.of(new Account("sip:pbx.test", "100", "127.0.0.1", null, "x", null, null))));
  }
}
