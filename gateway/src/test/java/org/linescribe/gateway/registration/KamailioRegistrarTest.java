package org.linescribe.gateway.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.gateway.sip.SipListeners;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.gateway.sip.SipServer;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.sip.ZoneServer;
import org.linescribe.session.calls.RegistrationStatus;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.Tool;

/** Two Kamailios, which nobody here wrote, are the registrars, and send the calls that come. */
@NeedsTool(Tool.KAMAILIO)
class KamailioRegistrarTest {
  @TempDir Path folder;
  private final List<KamailioRegistrar> started = new ArrayList<>();
  private final List<String> called = new CopyOnWriteArrayList<>();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @AfterEach
  void stop() throws InterruptedException {
    for (KamailioRegistrar one : started) {
      one.close();
    }
  }

  private int kamailio(String name, String algorithm) throws Exception {
    KamailioRegistrar made = KamailioRegistrar.start(folder.resolve(name), algorithm);
    started.add(made);
    return made.port();
  }

  private String log(String name) throws IOException {
    return Files.readString(folder.resolve(name).resolve("log"));
  }

  private double active() {
    return registry.get("linescribe.registration.active").gauge().value();
  }

  @Test
  void registersAtSeveralRegistrarsTakesTheirCallsAndEnds() throws Exception {
    int md5 = kamailio("md5", "MD5");
    int sha = kamailio("sha", "SHA-256");
    ZoneServer dns =
        new ZoneServer(
            "_sip._udp.pbx.test. 60 IN SRV 10 0 5060 nowhere.invalid.\n"
                + ("_sip._udp.pbx.test. 60 IN SRV 20 0 " + md5 + " localhost.\n"));
    RegistrationSettings settings =
        SettingsDefaults.of(
            RegistrationSettings.class,
            Map.of(
                "dns",
                dns.address(),
                "accounts",
                List.of(
                    // Its own domain is known by SRV alone.
                    new Account("sip:pbx.test", "100", "127.0.0.1", null, "secret", null, null),
                    account(sha, "200", "secret"),
                    account(sha, "300", "wrong"))));
    try (dns;
        SipServer server =
            new SipServer(
                SipListeners.of(SipSettings.on("127.0.0.1:0")),
                (dialog, invite) -> {
                  called.add(dialog.calledUser());
                  invite.reject(SipRefusal.of(486, "Busy Here"));
                },
                registry,
                settings.failover())) {
      server.start();
      try (Registrations registrations =
          new Registrations(settings, server.client(), registry, Clock.systemUTC())) {
        registrations.start();
        await().until(() -> active() == 2);
        await().until(() -> log("md5").contains("registered 100"));
        await().until(() -> log("sha").contains("registered 200"));
        await().until(() -> registry.counter("linescribe.registration.failures").count() >= 1);
        assertThat(log("sha")).doesNotContain("registered 300");
        await()
            .untilAsserted(
                () ->
                    assertThat(registrations.states())
                        .extracting(RegistrationStatus::state)
                        .containsExactly(
                            RegistrationStatus.State.REGISTERED,
                            RegistrationStatus.State.REGISTERED,
                            RegistrationStatus.State.REFUSED));

        invite(md5, "100");
        invite(sha, "200");
        await().until(() -> called.containsAll(List.of("100", "200")));
      }
      await().until(() -> log("md5").contains("registered 100 expires 0"));
      await().until(() -> log("sha").contains("registered 200 expires 0"));
      assertThat(active()).isZero();
    }
  }

  private static Account account(int port, String user, String password) {
    return new Account("sip:127.0.0.1:" + port, user, null, null, password, null, null);
  }

  /** Asks Kamailio for a user; it forks the call to the binding. */
  private static void invite(int kamailio, String user) throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      int port = socket.getLocalPort();
      byte[] invite =
          ("INVITE sip:"
                  + user
                  + "@127.0.0.1:"
                  + kamailio
                  + " SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:"
                  + port
                  + ";branch=z9hG4bK"
                  + user
                  + "\r\nFrom: <sip:x@127.0.0.1>;tag=1\r\nTo: <sip:"
                  + user
                  + "@127.0.0.1>\r\nCall-ID: call-"
                  + user
                  + "\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContact: <sip:x@127.0.0.1:"
                  + port
                  + ">\r\nContent-Length: 0\r\n\r\n")
              .getBytes(StandardCharsets.UTF_8);
      socket.send(
          new DatagramPacket(invite, invite.length, new InetSocketAddress("127.0.0.1", kamailio)));
    }
  }
}
