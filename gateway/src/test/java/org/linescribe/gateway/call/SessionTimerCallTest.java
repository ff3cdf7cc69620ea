package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.call.RawSipPeer.Message;

/** The session timer while it runs. Source: RFC 4028 §7, §10. */
class SessionTimerCallTest extends CalledGateway {
  private static final String ALLOW = "Allow: INVITE, ACK, BYE, UPDATE\r\nSupported: timer\r\n";

  @BeforeEach
  void standStillForAnHour() throws Exception {
    standStill(Duration.ofHours(1));
  }

  private void callWithUsAsRefresher() throws IOException {
    Message ok = callAcknowledged(ALLOW + "Session-Expires: 90;refresher=uas\r\n");
    assertThat(ok.header("Session-Expires")).contains("90;refresher=uas");
    awaitTimer(45);
  }

  private void awaitTimer(int seconds) {
    awaitTimer(Duration.ofSeconds(seconds));
  }

  private void advance(int seconds) {
    time.advance(Duration.ofSeconds(seconds));
  }

  private void assertBye(String reason, String outcome) throws IOException {
    Message bye = peer.awaitRequest("BYE");
    peer.ok(bye);
    assertThat(bye.header("Reason").orElseThrow()).contains(reason);
    awaitEnd(outcome);
  }

  @Test
  void refreshesByUpdateAfterHalfTheIntervalAndAgain() throws IOException {
    callWithUsAsRefresher();
    advance(44);
    assertThat(time.isSet(Duration.ofSeconds(1))).as("not before its time").isTrue();

    for (int round = 0; round < 2; round++) {
      advance(round == 0 ? 1 : 45);
      Message update = peer.awaitNewRequest("UPDATE");

      assertThat(update.header("Session-Expires")).contains("90;refresher=uac");
      assertThat(update.header("Min-SE")).contains("90");
      assertThat(update.header("Supported").orElseThrow()).contains("timer");
      assertThat(update.header("Contact")).isPresent();
      assertThat(update.body()).isEmpty();
      peer.respond(update, "200 OK", "Session-Expires: 90;refresher=uac\r\nRequire: timer\r\n");
      awaitTimer(45);
    }
    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    awaitEnd("bye");
  }

  /** Some answer without saying anything about the session timer. */
  @Test
  void goesOnRefreshingAPeerWhoseAnswerNamesNoInterval() throws IOException {
    callWithUsAsRefresher();
    advance(45);

    peer.ok(peer.awaitNewRequest("UPDATE"));

    awaitTimer(45);
  }

  @ParameterizedTest
  @ValueSource(strings = {"481 Call/Transaction Does Not Exist", "408 Request Timeout"})
  void endsACallWhosePeerDoesNotKnowItAnyMore(String status) throws IOException {
    callWithUsAsRefresher();
    advance(45);

    peer.respond(peer.awaitNewRequest("UPDATE"), status, "");

    if (status.startsWith("408")) {
      assertBye("cause=408", "peer-lost");
    } else {
      awaitEnd("peer-lost");
    }
  }

  @Test
  void asksAgainForTheIntervalThatThePeerWants() throws IOException {
    callWithUsAsRefresher();
    advance(45);

    peer.respond(
        peer.awaitNewRequest("UPDATE"), "422 Session Interval Too Small", "Min-SE: 600\r\n");

    awaitTimer(2);
    advance(2);
    Message again = peer.awaitNewRequest("UPDATE");
    assertThat(again.header("Session-Expires")).contains("600;refresher=uac");
    assertThat(again.header("Min-SE")).contains("600");
    peer.respond(again, "200 OK", "Session-Expires: 600;refresher=uac\r\n");
    awaitTimer(300);
  }

  /** Else the peer's timer would expire before the next refresh. */
  @ParameterizedTest
  @ValueSource(
      strings = {"491 Request Pending", "500 Server Internal Error", "503 Service Unavailable"})
  void asksABusyPeerAgainBeforeItsTimerExpires(String status) throws IOException {
    callWithUsAsRefresher();
    advance(45);
    for (int after : new int[] {2, 4, 8, 16}) {
      refuse(status);
      awaitTimer(after);
      advance(after);
    }

    peer.ok(peer.awaitNewRequest("UPDATE"));

    awaitTimer(45);
    advance(44);
    assertThat(openCalls()).isEqualTo(1);
    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
  }

  private void refuse(String status) throws IOException {
    peer.respond(peer.awaitNewRequest("UPDATE"), status, "");
  }

  /** The session that both agreed on is over then, however often the peer was asked. */
  @Test
  void hangsUpAtTheExpiryWhereAPeerRefusesEachRefresh() throws IOException {
    callWithUsAsRefresher();
    advance(45);
    for (int after : new int[] {2, 4, 8, 16}) {
      refuse("491 Request Pending");
      awaitTimer(after);
      advance(after);
    }
    refuse("491 Request Pending");
    awaitTimer(32);
    assertThat(time.isSet(Duration.ofSeconds(15))).as("90 s after the call").isTrue();

    advance(15);

    assertBye("Session timer expired", "session-expired");
  }

  @ParameterizedTest
  @ValueSource(strings = {"403 Forbidden", "405 Method Not Allowed", "501 Not Implemented"})
  void asksNoMoreWhereThePeerWillNotRefreshAndHangsUpAtTheExpiry(String status) throws IOException {
    callWithUsAsRefresher();
    advance(45);

    Message update = peer.awaitNewRequest("UPDATE");
    peer.respond(update, status, "");

    assertThat(peer.exchange("OPTIONS", "", "").status()).isEqualTo(200);
    advance(44);
    assertThat(peer.exchange("OPTIONS", "", "").status()).isEqualTo(200);
    assertThat(openCalls()).isEqualTo(1);
    advance(1);
    Message next =
        peer.await(m -> m.status() == 0 && !m.header("CSeq").equals(update.header("CSeq")));
    assertThat(next.startLine()).as("no second UPDATE").startsWith("BYE ");
    peer.ok(next);
    awaitEnd("session-expired");
  }

  @Test
  void leavesTheTaskToAPeerThatTakesIt() throws IOException {
    callWithUsAsRefresher();
    advance(45);

    peer.respond(
        peer.awaitNewRequest("UPDATE"), "200 OK", "Session-Expires: 120;refresher=uas\r\n");

    awaitTimer(88);
    advance(88);
    assertBye("Session timer expired", "session-expired");
  }

  @Test
  void hangsUpWhereThePeerDoesNotRefresh() throws IOException {
    callAcknowledged(ALLOW + "Session-Expires: 90;refresher=uac\r\n");
    awaitTimer(60);

    advance(60);

    assertBye("Session timer expired", "session-expired");
    assertThat(registry.counter("linescribe.call.outcomes", "outcome", "session-expired").count())
        .isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"UPDATE, ''", "UPDATE, sdp", "INVITE, sdp"})
  void startsTheTimerAnewWhenThePeerRefreshes(String method, String body) throws IOException {
    callAcknowledged(ALLOW + "Session-Expires: 90;refresher=uac\r\n");
    awaitTimer(60);
    advance(59);

    Message ok =
        peer.exchange(
            method,
            ALLOW + "Session-Expires: 96;refresher=uac\r\n",
            body.isEmpty() ? "" : peer.sdp());
    assertThat(ok.header("Session-Expires")).contains("96;refresher=uac");
    if (method.equals("INVITE")) {
      peer.acknowledge(ok, "");
    }

    awaitTimer(64);
    advance(63);
    assertThat(openCalls()).isEqualTo(1);
    advance(1);
    assertBye("Session timer expired", "session-expired");
  }

  /** A refresh without the header ends the timer. Source: RFC 4028 §9. */
  @Test
  void expiresNoMoreOnceThePeerRefreshesWithoutATimer() throws IOException {
    callAcknowledged(ALLOW + "Session-Expires: 90;refresher=uac\r\n");
    awaitTimer(60);

    assertThat(peer.exchange("UPDATE", ALLOW, "").header("Session-Expires")).isEmpty();

    await().until(() -> !time.isSet(Duration.ofSeconds(60)));
    advance(90);
    assertThat(peer.exchange("OPTIONS", "", "").status()).isEqualTo(200);
    assertThat(openCalls()).isEqualTo(1);
  }
}
