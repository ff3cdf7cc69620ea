package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.calls.LegQuality;
import org.linescribe.session.calls.OpenCall;
import org.linescribe.session.calls.QualityAlert;
import org.linescribe.session.calls.QualitySample;

/** What an operator sees of calls, and does with them. */
class CallControlTest extends CalledGateway {
  private SessionId call() throws Exception {
    assertThat(peer.call("").status()).isEqualTo(200);
    await().until(() -> openState().equals("active"));
    return sessions.only().sessionId();
  }

  private String openState() {
    return control().open().stream().map(OpenCall::state).findFirst().orElse("");
  }

  private void speak(int port, int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      peer.rtp(port, i, i * 160L, 7, (byte) 0x10);
    }
  }

  @Test
  void showsACallWithTheQualityOfItsMedia() throws Exception {
    RawSipPeer.Message ok = peer.call("");
    await().until(() -> openState().equals("active"));
    speak(ok.audioPort(), 0, 10);
    speak(ok.audioPort(), 12, 20);
    SessionId id = sessions.only().sessionId();
    await().until(() -> control().find(id).orElseThrow().legs().getFirst().receivedPackets() == 18);
    // The gap is a loss when nothing may fill it any more.
    mediaClock.advance(Duration.ofSeconds(1));

    await()
        .untilAsserted(
            () -> {
              OpenCall seen = control().find(id).orElseThrow();
              assertThat(seen.callId()).isEqualTo(peer.callId);
              assertThat(seen.kind()).isEqualTo("sip");
              assertThat(seen.transport()).isEqualTo("udp");
              assertThat(seen.answeredAt()).isPresent();
              LegQuality leg = seen.legs().getFirst();
              assertThat(leg.leg()).isEqualTo("caller");
              assertThat(leg.codec()).isEqualTo("pcmu");
              assertThat(leg.receivedPackets()).isEqualTo(18);
              assertThat(leg.lostPackets()).isEqualTo(2);
              assertThat(leg.lossPercent()).isEqualTo(10);
            });
    assertThat(control().find(new SessionId("nobody"))).isEmpty();
  }

  @Test
  void tellsOnceOfALineThatGetsBadAndOnceThatItIsGoodAgain() throws Exception {
    RawSipPeer.Message ok = peer.call("");
    await().until(() -> openState().equals("active"));
    SessionId id = sessions.only().sessionId();
    int port = ok.audioPort();

    await().until(() -> goodUntil(port, () -> !samples(id).isEmpty()));
    spokenTo += 20;
    await().until(() -> goodUntil(port, () -> alerts.size() == 2));
    spokenTo += 20;
    await()
        .until(
            () -> goodUntil(port, () -> bad(id) >= 2 && samples(id).getLast().lossPercent() == 0));

    assertThat(alerts)
        .extracting(QualityAlert::direction)
        .containsExactly(QualityAlert.Direction.DEGRADED, QualityAlert.Direction.RECOVERED);
    QualityAlert alert = alerts.getFirst();
    assertThat(alert.sessionId()).isEqualTo(id);
    assertThat(alert.leg()).isEqualTo("caller");
    assertThat(alert.sample().lossPercent()).isGreaterThan(10);
    peer.exchange("BYE", "", "");
    awaitEnd("bye");
    assertThat(sessions.callLog().newest(id).orElseThrow().legs().getFirst().samples())
        .contains(alert.sample());
  }

  private int spokenTo;

  /** Sends more of a line without loss, at its pace, until something is so. */
  private boolean goodUntil(int port, BooleanSupplier so) throws Exception {
    speak(port, spokenTo, spokenTo + 15);
    spokenTo += 15;
    mediaClock.advance(Duration.ofMillis(300));
    return so.getAsBoolean();
  }

  private List<QualitySample> samples(SessionId id) {
    return control().find(id).orElseThrow().legs().getFirst().samples();
  }

  private long bad(SessionId id) {
    return samples(id).stream().filter(sample -> sample.lossPercent() > 10).count();
  }

  @Test
  void keepsTheMomentsThatSomebodyMarked() throws Exception {
    SessionId id = call();

    assertThat(control().mark(id, new CallMark(1234, "complaint"))).isTrue();
    await().until(() -> "complaint".equals(sessions.only().attributes().get("mark.1234")));
    assertThat(control().mark(new SessionId("nobody"), new CallMark(0, ""))).isFalse();
  }

  @Test
  void hangsUp() throws Exception {
    SessionId id = call();

    assertThat(control().hangUp(id)).isTrue();

    RawSipPeer.Message bye = peer.awaitRequest("BYE");
    assertThat(bye.header("Reason").orElseThrow()).contains("Ended by an operator");
    peer.ok(bye);
    awaitEnd("hangup");
    assertThat(control().open()).isEmpty();
    assertThat(control().hangUp(id)).isFalse();
    CallRecord record = sessions.callLog().newest(id).orElseThrow();
    assertThat(record.outcome()).isEqualTo("hangup");
    assertThat(record.answeredAt()).isPresent();
    assertThat(record.legs()).hasSize(1);
  }

  @Test
  void leavesPausedAudioOutButNotItsTime() throws Exception {
    RawSipPeer.Message ok = peer.call("");
    await().until(() -> openState().equals("active"));
    SessionId id = sessions.only().sessionId();
    assertThat(control().pause(id, true)).isTrue();
    assertThat(control().find(id).orElseThrow().paused()).isTrue();
    speak(ok.audioPort(), 0, 20);
    await().until(() -> sessions.only().timeline().length >= 15 * 160);
    assertThat(sessions.only().acceptedSamples()).isZero();

    control().pause(id, false);
    assertThat(control().find(id).orElseThrow().paused()).isFalse();
    speak(ok.audioPort(), 20, 40);

    await().until(() -> sessions.only().acceptedSamples() >= 15 * 160);
    assertThat(sessions.only().flushes()).isPositive();
    assertThat(control().pause(new SessionId("nobody"), true)).isFalse();
  }

  /** It waits for a lost packet, as long as the jitter window is. */
  @Test
  void whatWaitsInTheJitterBufferAtAPausesEndIsLeftOut() throws Exception {
    RawSipPeer.Message ok = peer.call("");
    await().until(() -> openState().equals("active"));
    SessionId id = sessions.only().sessionId();
    speak(ok.audioPort(), 0, 10);
    await().until(() -> sessions.only().acceptedSamples() == 10 * 160);
    control().pause(id, true);
    speak(ok.audioPort(), 11, 13);
    await().until(() -> control().find(id).orElseThrow().legs().getFirst().receivedPackets() == 12);

    control().pause(id, false);
    await().until(() -> !control().find(id).orElseThrow().paused());
    speak(ok.audioPort(), 13, 20);
    await().until(() -> control().find(id).orElseThrow().legs().getFirst().receivedPackets() == 19);
    mediaClock.advance(Duration.ofMillis(100));

    await().until(() -> sessions.only().timeline().length >= 20 * 160);
    assertThat(sessions.only().acceptedSamples()).isEqualTo(17 * 160);
  }

  @Test
  void runningCallsGoOnWhileNewOnesAreRefused() throws Exception {
    SessionId id = call();
    Thread stopping =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    gateway.refuseNew(Duration.ofMinutes(5));
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    await()
        .untilAsserted(
            () -> {
              try (RawSipPeer late = new RawSipPeer(gateway.udpAddress())) {
                RawSipPeer.Message refused = late.call("");
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.header("Retry-After")).isPresent();
              }
            });
    assertThat(control().find(id)).isPresent();
    assertThat(stopping.isAlive()).isTrue();

    peer.exchange("BYE", "", "");

    assertThat(stopping.join(Duration.ofMinutes(2))).isTrue();
    assertThat(sessions.callLog().newest(id).orElseThrow().outcome()).isEqualTo("bye");
  }

  @Test
  void aRefusedCallHasNoRecord() throws Exception {
    assertThat(peer.call("Require: nonsense\r\n").status()).isEqualTo(420);

    assertThat(sessions.callLog().list(Optional.empty(), 10)).isEmpty();
  }
}
