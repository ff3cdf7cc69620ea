package org.linescribe.gateway.sip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import gov.nist.javax.sip.SipStackImpl;
import gov.nist.javax.sip.address.AddressFactoryImpl;
import gov.nist.javax.sip.address.SipUri;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SipInvitationTest {
  /** Source: RFC 3261 §9.1: 64*T1 after the CANCEL the transaction is destroyed. */
  @Test
  void givesUpATargetThatNeverEndsWhatWasTakenBack() throws Exception {
    try (AnsweringPeer peer = new AnsweringPeer(180);
        SipServer server =
            new SipServer(
                SipListeners.of(SipSettings.on("127.0.0.1:0")),
                (_, _) -> {},
                new SimpleMeterRegistry(),
                new RequestFailover(new SipLocator(""), Duration.ofSeconds(1)))) {
      server.start();
      SipUri uri = (SipUri) new AddressFactoryImpl().createURI("sip:b@127.0.0.1:" + peer.port());
      SipInvitation invitation =
          new SipInvitation(
              server,
              new ReferTarget(uri, Map.of(), true),
              SipProtocol.UDP,
              "sip:a@127.0.0.1",
              new byte[0],
              Optional.empty(),
              InetAddress.getLoopbackAddress(),
              Duration.ofMillis(1));
      SipStackImpl stack = (SipStackImpl) server.provider().getSipStack();
      invitation.begin();
      await().until(() -> !peer.requests().isEmpty());

      invitation.cancel(408);

      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> peer.requests().stream().anyMatch(r -> r.startsWith("CANCEL ")));
      await().atMost(Duration.ofMinutes(1)).until(() -> stack.getClientTransactionTableSize() == 0);
      assertThat(invitation.outcome().toCompletableFuture().join())
          .isEqualTo(new SipInvitation.Outcome.Failed(408));
    }
  }
}
