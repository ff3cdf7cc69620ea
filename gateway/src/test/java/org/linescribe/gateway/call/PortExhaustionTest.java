package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.linescribe.gateway.call.RawSipPeer.Message;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.testsupport.SipKit;

/** More calls than there are media ports. */
class PortExhaustionTest extends CalledGateway {
  private int pairs = 1;

  @Override
  RtpSettings rtp() {
    int even = SipKit.freeBase(2 * pairs);
    return rtp(Map.of("ports", even + "-" + (even + 2 * pairs - 1)));
  }

  private void speak(RawSipPeer from, int port) throws IOException {
    for (int i = 0; i < 25; i++) {
      from.rtp(port, i, i * 160L, 7, (byte) 0x10);
    }
  }

  private void assertNoPort(Message refused) {
    assertThat(refused.startLine()).isEqualTo("SIP/2.0 503 all media ports are in use");
    assertThat(refused.header("Retry-After")).contains("5");
  }

  private double freePorts() {
    return registry.get("linescribe.rtp.ports.free").gauge().value();
  }

  @Test
  void refusesTheCallTooManyAndLeavesTheOthersAlone() throws IOException {
    Message ok = peer.call("");
    assertThat(ok.status()).isEqualTo(200);
    assertThat(freePorts()).isZero();
    try (RawSipPeer other = new RawSipPeer(gateway.udpAddress())) {
      for (int i = 0; i < 3; i++) {
        Message refused = other.call("");
        assertNoPort(refused);
        other.ackRejected(refused);
      }
      await().until(() -> openCalls() == 1);
      assertThat(registry.counter("linescribe.call.outcomes", "outcome", "rejected-503").count())
          .isEqualTo(3);

      speak(peer, ok.audioPort());
      await().until(() -> sessions.only().acceptedSamples() >= 20 * 160);
      assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
      awaitEnd("bye");
      await().until(() -> freePorts() == 1);

      Message next = other.call("");
      assertThat(next.status()).isEqualTo(200);
      assertThat(next.audioPort()).isEqualTo(ok.audioPort());
      assertThat(other.exchange("BYE", "", "").status()).isEqualTo(200);
    }
    assertThat(sessions.recordings).hasSize(2);
  }

  private String streams(String... labels) {
    StringBuilder sdp =
        new StringBuilder(
            "v=0\r\no=src 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n");
    for (String label : labels) {
      sdp.append("m=audio ").append(peer.media.getLocalPort());
      sdp.append(" RTP/AVP 0\r\na=sendonly\r\na=label:").append(label).append("\r\n");
    }
    return RecordingOffer.of(sdp.toString(), "complete", labels);
  }

  /** Both legs or none: a recording with half a conversation is none. */
  @Test
  void refusesARecordingWhoseSecondLegHasNoPort() throws IOException {
    Message refused = peer.call(RecordingOffer.HEADERS, streams("1", "2"));
    assertNoPort(refused);
    peer.ackRejected(refused);
    await().until(() -> freePorts() == 1);
    assertThat(sessions.recordings).isEmpty();

    Message ok = peer.call(RecordingOffer.HEADERS, streams("1"));
    assertThat(ok.status()).isEqualTo(200);
  }

  @Test
  void refusesOnlyTheStreamThatIsAddedWithoutAPort() throws Exception {
    pairs = 2;
    restart(settings(10, Duration.ofSeconds(60), Duration.ofSeconds(60)));
    Message ok = peer.call(RecordingOffer.HEADERS, streams("1", "2"));
    int[] before = RecordingOffer.ports(ok);

    Message more = peer.exchange("INVITE", RecordingOffer.HEADERS, streams("1", "2", "3"));
    peer.acknowledge(more, "");

    assertThat(RecordingOffer.ports(more)).containsExactly(before[0], before[1], 0);
    speak(peer, before[1]);
    await().until(() -> sessions.only().timeline(1).length >= 20 * 160);
  }
}
