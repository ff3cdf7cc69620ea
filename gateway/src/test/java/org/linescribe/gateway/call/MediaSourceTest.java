package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.testsupport.Patience;

/** Whose media a call takes, and where it sends its own. */
class MediaSourceTest extends CalledGateway {
  private void talk(DatagramSocket from, int port, int first, int packets, long ssrc)
      throws IOException {
    for (int i = first; i < first + packets; i++) {
      RawSipPeer.rtp(from, port, i, 160L * i, ssrc, (byte) 0x90);
    }
  }

  private double foreign() {
    return registry.counter("linescribe.rtp.defects", "kind", "foreign_source").count();
  }

  @Test
  void losesNothingWhenANatGivesTheStreamAnotherPort() throws Exception {
    int port = peer.call("").audioPort();
    talk(peer.media, port, 0, 10, 7);
    await().until(() -> sessions.only().acceptedSamples() == 10 * 160);

    try (DatagramSocket rebound = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      talk(rebound, port, 10, 10, 7);

      await().until(() -> sessions.only().acceptedSamples() == 20 * 160);
    }
    assertThat(registry.counter("linescribe.rtp.source.changes").count()).isEqualTo(1);
    assertThat(foreign()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 8})
  void takesNoAudioFromAnotherHostHoweverLongTheCallIsSilent(long ssrc) throws Exception {
    int port = peer.call("").audioPort();
    talk(peer.media, port, 0, 10, 7);
    await().until(() -> sessions.only().acceptedSamples() == 10 * 160);
    mediaClock.advance(Duration.ofSeconds(10));

    try (DatagramSocket thief = new DatagramSocket(0, InetAddress.getByName("127.0.0.9"))) {
      for (int i = 10; i < 60; i++) {
        rtpTo(thief, port, i, ssrc);
      }
      await().untilAsserted(() -> assertThat(foreign()).isEqualTo(50));
    }

    long resumedAt = 10 * 8000L;
    for (int i = 10; i < 20; i++) {
      peer.rtp(port, i, resumedAt + 160L * i, 7, (byte) 0x90);
    }
    await().until(() -> sessions.only().acceptedSamples() == 20 * 160);
  }

  private static void rtpTo(DatagramSocket from, int port, int number, long ssrc)
      throws IOException {
    RawSipPeer.rtp(from, at(port), 0, number, 160L * number, ssrc, new byte[160]);
  }

  private static InetSocketAddress at(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /**
   * The clock of Opus is not the timeline's, so that its timestamps need a memory of how often they
   * wrapped. What a stranger says of its own, or by the caller's SSRC, is not the caller's.
   */
  @ParameterizedTest
  @CsvSource({"8, 111, 0", "8, 111, 1073741824", "7, 111, 1073741824", "7, 0, 1073741824"})
  void keepsTheCallersTimelineWhateverAStrangerSaysBetweenItsPackets(
      long ssrc, int payloadType, long step) throws Exception {
    String opus = peer.sdp().replace("AVP 0", "AVP 111") + "a=rtpmap:111 opus/48000/2\r\n";
    int port = peer.call("", opus).audioPort();
    long wrapsAtTenth = (1L << 32) - 10 * 960;
    byte[] spoken = AudioCodec.OPUS.newEncoder().encode(Speech.samples("speech"), 8000, 160);

    try (DatagramSocket stranger = new DatagramSocket(0, InetAddress.getByName("127.0.0.9"))) {
      for (int i = 0; i < 20; i++) {
        RawSipPeer.rtp(peer.media, at(port), 111, i, wrapsAtTenth + 960L * i, 7, spoken);
        int heard = (i + 1) * 160;
        await().untilAsserted(() -> assertThat(sessions.only().acceptedSamples()).isEqualTo(heard));

        long strange = wrapsAtTenth + step * (i + 1);
        RawSipPeer.rtp(stranger, at(port), payloadType, 2 * i, strange, ssrc, spoken);
        int sent = i + 1;
        await().until(() -> foreign() == sent);
      }
    }
    assertThat(sessions.only().skippedSamples()).isZero();
  }

  /**
   * Passes media time as long as it brings packets, 40 at most.
   *
   * @param atLeast so many are waited for, however late this machine is
   */
  private int packetsTo(DatagramSocket socket, int atLeast) throws IOException {
    int packets = 0;
    try {
      while (packets < 40) {
        mediaClock.advance(Duration.ofMillis(20));
        socket.setSoTimeout(packets < atLeast ? Patience.LIMIT_MS : 300);
        socket.receive(new DatagramPacket(new byte[2000], 2000));
        packets++;
      }
    } catch (SocketTimeoutException e) {
      // no more
    }
    return packets;
  }

  /** A stream to whom an INVITE names would be 520 times what the INVITE cost. */
  @Test
  void sendsNothingToAnotherHostBeforeTheAcknowledgement() throws Exception {
    try (DatagramSocket victim = new DatagramSocket(0, InetAddress.getByName("127.0.0.9"))) {
      String sdp =
          peer.sdp()
              .replace("127.0.0.1", "127.0.0.9")
              .replaceFirst("audio \\d+", "audio " + victim.getLocalPort());
      peer.send(peer.request("INVITE", "", sdp));
      RawSipPeer.Message ok = peer.awaitFinal();
      peer.remember(ok);
      assertThat(packetsTo(victim, 0)).isZero();

      peer.acknowledge(ok, "");
      assertThat(peer.exchange("UPDATE", "", "").status()).isEqualTo(200);
      assertThat(packetsTo(victim, 1)).isPositive();
    }
  }

  @Test
  void sendsOnlyTheFirstHalfSecondToTheCallerBeforeTheAcknowledgement() throws Exception {
    peer.send(peer.request("INVITE", "", peer.sdp()));
    peer.awaitFinal();

    assertThat(packetsTo(peer.media, 1)).isBetween(1, 30);
  }

  @Test
  void endsTwoCallsThatNameEachOther() throws Exception {
    int first = peer.call("").audioPort();
    try (RawSipPeer other = new RawSipPeer(gateway.udpAddress())) {
      int second = other.call("").audioPort();
      for (int[] pair : new int[][] {{0, second}, {1, first}}) {
        RawSipPeer caller = pair[0] == 0 ? peer : other;
        String sdp = caller.sdp().replaceFirst("audio \\d+", "audio " + pair[1]);
        assertThat(caller.exchange("INVITE", "", sdp).status()).isEqualTo(200);
        caller.ack();
      }
      await()
          .until(
              () -> {
                mediaClock.advance(Duration.ofSeconds(1));
                return registry
                        .counter("linescribe.call.outcomes", "outcome", "rtp-timeout")
                        .count()
                    == 2;
              });
    }
  }
}
