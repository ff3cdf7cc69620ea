package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.session.SourceClosed;
import org.linescribe.session.tracing.SessionStep;
import org.linescribe.session.tracing.SessionTrace;
import org.linescribe.testsupport.Patience;

/** Who ends a call, when, and what the peer and the session are told. */
class CallEndTest extends CalledGateway {
  @Test
  void repeatsItsAnswerUntilItIsAcknowledged() throws IOException {
    peer.send(peer.request("INVITE", "", peer.sdp()));

    RawSipPeer.Message ok = peer.awaitFinal();
    assertThat(ok.status()).isEqualTo(200);
    assertThat(peer.awaitFinal()).as("retransmission").isEqualTo(ok);
    peer.remember(ok);
    peer.ack();

    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    awaitEnd("bye");
  }

  @Test
  void hangsUpWhenNobodyAcknowledges() throws Exception {
    restart(settings(10, Duration.ofSeconds(60), Duration.ofSeconds(1)));
    peer.send(peer.request("INVITE", "", peer.sdp()));

    RawSipPeer.Message bye = peer.awaitRequest("BYE");
    peer.ok(bye);

    assertThat(bye.header("Reason").orElseThrow()).contains("No ACK");
    awaitEnd("no-ack");
  }

  @Test
  void hangsUpWhenTheMediaStops() throws Exception {
    peer.call("");

    mediaClock.advance(RTP_TIMEOUT.plusMillis(1));

    RawSipPeer.Message bye = peer.awaitRequest("BYE");
    peer.ok(bye);
    assertThat(bye.header("Reason").orElseThrow()).contains("No media");
    awaitEnd("rtp-timeout");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sendonly", "inactive"})
  void doesNotHangUpOnHold(String direction) throws Exception {
    peer.call("");

    RawSipPeer.Message held = peer.exchange("INVITE", "", peer.sdp(direction));
    peer.ack();

    assertThat(held.body()).contains(direction.equals("sendonly") ? "a=recvonly" : "a=inactive");
    await().until(() -> sessions.only().flushes() == 1);
    mediaClock.advance(RTP_TIMEOUT.multipliedBy(3));
    // The tick that tells this silence is the one that would find the time-out; the UPDATE's answer
    // comes from the same thread after it.
    await().until(() -> sessions.only().timeline().length > 8000 * RTP_TIMEOUT.toSeconds() * 2);
    assertThat(peer.exchange("UPDATE", "", "").status()).isEqualTo(200);
    assertThat(openCalls()).isEqualTo(1);
    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    awaitEnd("bye");
  }

  @ParameterizedTest
  @EnumSource(SourceClosed.class)
  void hangsUpWhenTheSessionClosesTheSource(SourceClosed reason) throws IOException {
    peer.call("");

    sessions.only().listener.onClosed(reason);

    RawSipPeer.Message bye = peer.awaitRequest("BYE");
    peer.ok(bye);
    assertThat(bye.header("Reason").orElseThrow()).startsWith("SIP");
    await().until(() -> openCalls() == 0);
  }

  @Test
  void endsTheOlderCallOfASession() throws IOException {
    peer.call("X-Session-Id: twice\r\n");
    try (RawSipPeer newer = new RawSipPeer(gateway.udpAddress())) {
      assertThat(newer.call("X-Session-Id: twice\r\n").status()).isEqualTo(200);

      RawSipPeer.Message bye = peer.awaitRequest("BYE");
      peer.ok(bye);

      assertThat(bye.header("Reason").orElseThrow()).contains("Superseded");
      assertThat(newer.exchange("OPTIONS", "", "").status()).isEqualTo(200);
      await().until(() -> openCalls() == 1);
    }
  }

  @Test
  void drainsWithAByeAndRefusesNewCalls() throws Exception {
    peer.call("");
    Thread drain =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    gateway.drain(Patience.LIMIT);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });

    RawSipPeer.Message bye = peer.awaitRequest("BYE");
    peer.ok(bye);
    drain.join();

    assertThat(bye.header("Reason").orElseThrow()).contains("503");
    assertThat(sessions.only().endReason()).isEqualTo("draining");
    try (RawSipPeer late = new RawSipPeer(gateway.udpAddress())) {
      RawSipPeer.Message refused = late.call("");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("Retry-After")).isPresent();
    }
  }

  @Test
  void endsOnlyTheCallWhoseSessionFails() throws IOException {
    sessions.failWith(new IllegalStateException("bug of the test"));

    assertThat(peer.call("").status()).isEqualTo(500);
    await().until(() -> openCalls() == 0);
    assertThat(peer.exchange("OPTIONS", "", "").status()).isEqualTo(200);
  }

  /** A bug in what is told of an end: the trace takes no step. */
  private static final class BrokenTrace implements SessionTrace {
    final List<String> ended = new CopyOnWriteArrayList<>();

    @Override
    public boolean isRecorded() {
      return true;
    }

    @Override
    public void step(SessionStep step, long startNs, long endNs) {
      throw new IllegalStateException("bug of the test");
    }

    @Override
    public void end(String outcome) {
      ended.add(outcome);
    }
  }

  @Test
  void aCallWhoseEndFailsIsEndedAllTheSame() throws Exception {
    BrokenTrace trace = new BrokenTrace();
    traces = (_, _, _) -> trace;
    restart(settings(10, Duration.ofSeconds(60), Duration.ofSeconds(60)));
    sessions.failWith(new IllegalStateException("bug of the test"));

    assertThat(peer.call("").status()).isEqualTo(500);
    await().until(() -> openCalls() == 0);
    assertThat(trace.ended).hasSize(1);
  }
}
