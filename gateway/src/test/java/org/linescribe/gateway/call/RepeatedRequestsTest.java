package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.linescribe.gateway.call.RawSipPeer.Message;

/** Requests whose answer was lost come again, and are done once. Source: RFC 3261 §17.2. */
class RepeatedRequestsTest extends CalledGateway {
  private double counted(String name) {
    return registry.counter(name).count();
  }

  private Message answerTo(String request, String cseq) throws IOException {
    peer.send(request);
    return peer.await(m -> m.status() >= 200 && m.header("CSeq").orElse("").equals(cseq));
  }

  @Test
  void opensOneSessionForAnInviteThatComesAgainWhileItRings() throws IOException {
    sessions.holdOpenings();
    String invite = peer.request("INVITE", "", peer.sdp());
    peer.send(invite);
    Message ringing = peer.await(m -> m.status() == 180);

    for (int i = 0; i < 3; i++) {
      peer.send(invite);
      Message again = peer.await(m -> m.status() == 180);
      assertThat(again.header("To")).isEqualTo(ringing.header("To"));
    }
    sessions.letOpen();
    Message ok = peer.awaitFinal();

    assertThat(ok.status()).isEqualTo(200);
    assertThat(ok.header("To")).isEqualTo(ringing.header("To"));
    peer.remember(ok);
    peer.ack();
    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    awaitEnd("bye");
    assertThat(sessions.recordings).hasSize(1);
  }

  @Test
  void keepsOneCallOfAnInviteThatComesAgainAfterItsAnswer() throws IOException {
    String invite = peer.request("INVITE", "", peer.sdp());
    Message ok = answerTo(invite, "1 INVITE");
    Message again = answerTo(invite, "1 INVITE");
    assertThat(again.header("To")).isEqualTo(ok.header("To"));
    assertThat(again.body()).isEqualTo(ok.body());
    peer.remember(ok);
    peer.ack();
    assertThat(peer.exchange("OPTIONS", "", "").status()).isEqualTo(200);

    // A late copy, behind the ACK, and an ACK that came twice.
    peer.send(invite);
    peer.acknowledge(ok, "");

    assertThat(peer.exchange("UPDATE", "", "").status()).isEqualTo(200);
    assertThat(openCalls()).isEqualTo(1);
    assertThat(sessions.only().endReason()).isNull();
  }

  @Test
  void changesACallOnceForAReInviteThatComesTwice() throws IOException {
    peer.call("");
    String change = peer.request("INVITE", "", peer.sdp("sendonly"));
    Message ok = answerTo(change, "2 INVITE");
    Message again = answerTo(change, "2 INVITE");

    assertThat(ok.status()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(ok.body()).contains("a=recvonly");
    peer.acknowledge(ok, "");
    assertThat(peer.exchange("OPTIONS", "", "").status()).isEqualTo(200);
    assertThat(counted("linescribe.call.modifications")).isEqualTo(1);
  }

  @Test
  void answersAByeThatComesTwice() throws IOException {
    peer.call("");
    String bye = peer.request("BYE", "", "");

    Message ok = answerTo(bye, "2 BYE");
    Message again = answerTo(bye, "2 BYE");

    assertThat(ok.status()).isEqualTo(200);
    assertThat(again.status()).isEqualTo(200);
    awaitEnd("bye");
    assertThat(registry.counter("linescribe.call.outcomes", "outcome", "bye").count()).isEqualTo(1);
  }

  @Test
  void hearsTheKeyOfAnInfoThatComesTwiceOnce() throws IOException {
    peer.call("");
    String info =
        peer.request(
            "INFO", "Content-Type: application/dtmf-relay\r\n", "Signal=5\r\nDuration=160\r\n");

    assertThat(answerTo(info, "2 INFO").status()).isEqualTo(200);
    assertThat(answerTo(info, "2 INFO").status()).isEqualTo(200);
    // The same key in another request is pressed again.
    assertThat(
            peer.exchange(
                    "INFO",
                    "Content-Type: application/dtmf-relay\r\n",
                    "Signal=5\r\nDuration=160\r\n")
                .status())
        .isEqualTo(200);
    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    awaitEnd("bye");
    await().until(() -> sessions.only().digits().length() >= 2);
    assertThat(sessions.only().digits()).isEqualTo("55");
  }
}
