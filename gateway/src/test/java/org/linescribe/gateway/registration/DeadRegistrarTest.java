package org.linescribe.gateway.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
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
  private final AtomicInteger unanswered = new AtomicInteger();

  @Test
  void theNextServerIsAskedBeforeTheTransactionEnds() throws Exception {
    try (DatagramSocket dead = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        DatagramSocket alive = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        ZoneServer dns =
            new ZoneServer(
                "_sip._udp.pbx.test. 60 IN SRV 10 0 "
                    + dead.getLocalPort()
                    + " localhost.\n"
                    + "_sip._udp.pbx.test. 60 IN SRV 20 0 "
                    + alive.getLocalPort()
                    + " localhost.\n");
        SipServer server =
            new SipServer(
                SipListeners.of(SipSettings.on("127.0.0.1:0")),
                (dialog, invite) -> invite.reject(SipRefusal.of(486, "Busy Here")),
                registry)) {
      serve(dead, false);
      serve(alive, true);
      server.start();
      RegistrationSettings settings =
          SettingsDefaults.of(
              RegistrationSettings.class,
              Map.of(
                  "dns",
                  dns.address(),
                  "answerTimeout",
                  Duration.ofMillis(500),
                  "accounts",
                  List.of(new Account("sip:pbx.test", "100", "127.0.0.1", null, "x", null, null))));
      try (Registrations registrations =
          new Registrations(
              settings,
              server.client(settings.locator(), settings.answerTimeout()),
              registry,
              Clock.systemUTC())) {
        registrations.start();
        await().until(() -> registry.get("linescribe.registration.active").gauge().value() == 1);
        assertThat(unanswered).hasPositiveValue().hasValueLessThan(REPETITIONS);
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

  private void serve(DatagramSocket socket, boolean answers) {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              byte[] buffer = new byte[4096];
              DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
              try {
                while (true) {
                  packet.setLength(buffer.length);
                  socket.receive(packet);
                  if (answers) {
                    byte[] ok =
                        ok(new String(buffer, 0, packet.getLength(), StandardCharsets.UTF_8));
                    socket.send(new DatagramPacket(ok, ok.length, packet.getSocketAddress()));
                  } else {
                    unanswered.incrementAndGet();
                  }
                }
              } catch (IOException e) {
                // The test is over.
              }
            });
  }

  private static byte[] ok(String request) {
    StringBuilder response = new StringBuilder("SIP/2.0 200 OK\r\n");
    for (String line : request.split("\r\n")) {
      if (line.matches("(?i)(via|from|to|call-id|cseq|contact|expires):.*")) {
        response.append(line).append("\r\n");
      }
    }
    return response.append("Content-Length: 0\r\n\r\n").toString().getBytes(StandardCharsets.UTF_8);
  }
}
