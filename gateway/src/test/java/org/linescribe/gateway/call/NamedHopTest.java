package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.linescribe.gateway.registration.RegistrationSettings;
import org.linescribe.gateway.sip.AnsweringPeer;
import org.linescribe.gateway.sip.ZoneServer;
import org.linescribe.session.SourceClosed;
import org.linescribe.settings.SettingsDefaults;

/** Requests of ours in dialogs, whose next hop only DNS tells. Source: RFC 3263 §4. */
class NamedHopTest extends CalledGateway {
  private final AnsweringPeer dead = new AnsweringPeer(0);
  private final AnsweringPeer alive = new AnsweringPeer(200);
  private final ZoneServer dns =
      new ZoneServer(
          "_sip._udp.proxy.test. 60 IN SRV 10 0 %d localhost.\n".formatted(dead.port())
              + "_sip._udp.proxy.test. 60 IN SRV 20 0 %d localhost.\n".formatted(alive.port())
              + "pbx.test. 60 IN NAPTR 10 10 \"s\" \"SIP+D2U\" \"\" _sip._udp.farm.test.\n"
              + "_sip._udp.farm.test. 60 IN SRV 10 0 %d localhost.\n".formatted(alive.port()));

  NamedHopTest() throws IOException {}

  @Override
  RegistrationSettings registrations() {
    return SettingsDefaults.of(
        RegistrationSettings.class,
        Map.of("dns", dns.address(), "answerTimeout", Duration.ofMillis(500)));
  }

  @AfterEach
  void close() {
    dns.close();
    dead.close();
    alive.close();
  }

  private void hangUp() {
    sessions.only().listener.onClosed(SourceClosed.IDLE);
    await().until(() -> openCalls() == 0);
  }

  private static List<String> methods(AnsweringPeer of) {
    return of.requests().stream().map(request -> request.split(" ")[0]).distinct().toList();
  }

  @Test
  void hangsUpThroughTheNextOfARoutesServersWhereTheFirstIsDead() throws Exception {
    assertThat(peer.call("Record-Route: <sip:proxy.test;lr>\r\n").status()).isEqualTo(200);

    hangUp();

    assertThat(methods(dead)).containsExactly("BYE");
    await().until(() -> !alive.requests().isEmpty());
    assertThat(alive.requests().getFirst())
        .startsWith("BYE sip:peer@127.0.0.1:" + peer.sip.getLocalPort() + " SIP/2.0\r\n")
        .contains("\r\nRoute: <sip:proxy.test;lr>\r\n")
        .contains("\r\nReason: ");
  }

  /** Session timers refresh by UPDATE. */
  @Test
  void staysWithTheServerThatAnswered() throws Exception {
    standStill(Duration.ofHours(1));
    callAcknowledged(
        "Record-Route: <sip:proxy.test;lr>\r\nAllow: INVITE, ACK, BYE, UPDATE\r\n"
            + "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n");
    awaitTimer(Duration.ofSeconds(45));
    time.advance(Duration.ofSeconds(45));
    await().until(() -> methods(alive).contains("UPDATE"));
    awaitTimer(Duration.ofSeconds(45));

    hangUp();

    assertThat(methods(alive)).containsExactly("UPDATE", "BYE");
    assertThat(methods(dead)).containsExactly("UPDATE");
  }

  /** Behind a proxy that does not stay in the way, the Contact is where requests go. */
  @Test
  void findsTheServersOfAContactByNaptr() throws Exception {
    String invite =
        peer.request("INVITE", "Via: SIP/2.0/UDP far.test;branch=z9hG4bKfar\r\n", peer.sdp())
            .replaceFirst("Contact: [^\r]*", "Contact: <sip:100@pbx.test>");
    peer.send(invite);
    RawSipPeer.Message ok = peer.awaitFinal();
    assertThat(ok.status()).isEqualTo(200);
    peer.remember(ok);
    peer.ack();

    hangUp();

    await().until(() -> !alive.requests().isEmpty());
    assertThat(alive.requests().getFirst()).startsWith("BYE sip:100@pbx.test SIP/2.0\r\n");
  }
}
