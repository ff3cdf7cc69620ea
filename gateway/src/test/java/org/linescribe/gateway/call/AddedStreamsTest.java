package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Streams that a SIPREC client adds, removes and adds again while it records. */
class AddedStreamsTest extends CalledGateway {
  private static final String SIPREC = RecordingOffer.HEADERS;

  /**
   * @param streams labels; with {@code -} before, one that is removed (port 0)
   */
  private String offer(String mode, String... streams) {
    StringBuilder sdp =
        new StringBuilder(
            "v=0\r\no=src 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n");
    List<String> present = new ArrayList<>();
    for (String stream : streams) {
      boolean isRemoved = stream.startsWith("-");
      String label = isRemoved ? stream.substring(1) : stream;
      sdp.append("m=audio ").append(isRemoved ? 0 : peer.media.getLocalPort());
      sdp.append(" RTP/AVP 0\r\na=sendonly\r\n");
      sdp.append(label.isEmpty() ? "" : "a=label:" + label + "\r\n");
      if (!isRemoved && !label.isEmpty()) {
        present.add(label);
      }
    }
    return RecordingOffer.of(sdp.toString(), mode, present.toArray(String[]::new));
  }

  /** The ports of an answer, in the order of its m-lines. */
  private static int[] ports(RawSipPeer.Message ok) {
    assertThat(ok.status()).isEqualTo(200);
    return RecordingOffer.ports(ok);
  }

  private int[] call(String... streams) throws Exception {
    return ports(peer.call(SIPREC, offer("complete", streams)));
  }

  private int[] change(String... streams) throws Exception {
    RawSipPeer.Message ok = peer.exchange("INVITE", SIPREC, offer("partial", streams));
    int[] ports = ports(ok);
    peer.acknowledge(ok, "");
    return ports;
  }

  private void speak(int port, int ssrc) throws Exception {
    for (int i = 0; i < 25; i++) {
      peer.rtp(port, i, i * 160L, ssrc, (byte) 0x10);
    }
  }

  private Recording recording() {
    return sessions.only();
  }

  private void awaitAudio(int leg) {
    await().until(() -> recording().timeline(leg).length >= 20 * 160);
  }

  @Test
  void aStreamThatIsAddedIsALegMoreFromItsTimeOn() throws Exception {
    int[] before = call("1", "2");
    speak(before[0], 7);
    awaitAudio(0);
    mediaClock.advance(Duration.ofSeconds(3));

    int[] after = change("1", "2", "3");

    assertThat(after).hasSize(3).startsWith(before).doesNotContain(0).doesNotHaveDuplicates();
    assertThat(recording().added).containsExactly("3@24000");
    speak(after[2], 9);
    awaitAudio(2);
    assertThat(recording().timeline(2)[160]).as("its audio").isNegative();
    await().until(() -> recording().participant(2).equals("sip:3@x"));
    assertThat(recording().attributes()).containsEntry("participant.3", "sip:3@x");
    speak(after[1], 8);
    awaitAudio(1);
    peer.exchange("BYE", "", "");
    awaitEnd("bye");
  }

  @Test
  void anUpdateAddsOneToo() throws Exception {
    int[] before = call("1");

    int[] after = ports(peer.exchange("UPDATE", SIPREC, offer("partial", "1", "2")));

    assertThat(after).hasSize(2).startsWith(before).doesNotContain(0);
    speak(after[1], 9);
    awaitAudio(1);
  }

  @Test
  void aStreamThatIsRemovedAndAddedAgainHasItsLegAgain() throws Exception {
    int[] before = call("1", "2");
    assertThat(change("1", "-2")).containsExactly(before[0], 0);

    assertThat(change("1", "2")).isEqualTo(before);
    assertThat(change("1", "-2")).containsExactly(before[0], 0);
    // On another m-line: its label says which it is (RFC 7866 §7.1.1).
    assertThat(change("1", "-", "2")).containsExactly(before[0], 0, before[1]);

    assertThat(recording().added).isEmpty();
    speak(before[1], 9);
    awaitAudio(1);
  }

  /** RFC 3264 §8.1: the m-line of a stream that ended is used for another one. */
  @Test
  void anotherPartysStreamOnAUsedLineIsALegOfItsOwn() throws Exception {
    int[] before = call("1", "2");
    change("1", "-2");

    int[] after = change("1", "3");

    assertThat(after[0]).isEqualTo(before[0]);
    assertThat(after[1]).isNotIn(0, before[0], before[1]);
    assertThat(recording().added).hasSize(1).allMatch(leg -> leg.startsWith("3@"));
    await().until(() -> recording().participant(2).equals("sip:3@x"));
    assertThat(recording().participant(1)).isEqualTo("sip:2@x");
    speak(after[1], 9);
    awaitAudio(2);
    // And the first party comes back beside it.
    assertThat(change("1", "3", "2")).containsExactly(before[0], after[1], before[1]);
    assertThat(recording().added).hasSize(1);
  }

  @Test
  void streamsWithoutLabelsAreKnownByTheirLine() throws Exception {
    int[] before = call("", "");

    int[] after = change("", "", "");

    assertThat(after).hasSize(3).startsWith(before).doesNotContain(0);
    assertThat(recording().added).hasSize(1).allMatch(leg -> leg.startsWith("stream-3@"));
  }

  @Test
  void moreThanEightAreRefusedAndTheRestGoesOn() throws Exception {
    call("1", "2", "3", "4", "5", "6");

    int[] after = change("1", "2", "3", "4", "5", "6", "7", "8", "9", "10");

    assertThat(Arrays.copyOf(after, 8)).doesNotContain(0);
    assertThat(Arrays.copyOfRange(after, 8, 10)).containsOnly(0);
    assertThat(recording().added).hasSize(2);
  }

  @Test
  void aSourceThatTakesNoLegMoreCostsTheNewStreamOnly() throws Exception {
    int[] before = call("1", "2");
    recording().refusesLegs = true;
    assertThat(change("1", "2", "3")).containsExactly(before[0], before[1], 0);
    speak(before[0], 7);
    awaitAudio(0);

    recording().refusesLegs = false;
    assertThat(change("1", "2", "3")[2]).as("asked again").isNotZero();
  }

  /** A call that is no recording has one leg, as before. */
  @Test
  void aCallTakesNoSecondStream() throws Exception {
    int port = peer.media.getLocalPort();
    String one =
        "v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio "
            + port
            + " RTP/AVP 0\r\n";
    peer.call("", one);
    RawSipPeer.Message ok = peer.exchange("INVITE", "", one + "m=audio " + port + " RTP/AVP 0\r\n");
    peer.acknowledge(ok, "");

    assertThat(ports(ok)[1]).isZero();
    assertThat(recording().added).isEmpty();
  }
}
