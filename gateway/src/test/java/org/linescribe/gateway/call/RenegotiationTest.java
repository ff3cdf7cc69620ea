package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.call.RawSipPeer.Message;
import org.linescribe.gateway.sip.SipListeners;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.media.g711.G711Law;
import org.linescribe.session.SourceClosed;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.Patience;

/** What an offer says of the media is done, and a later offer changes it. */
class RenegotiationTest extends CalledGateway {
  private String advertised = "";
  private int sequenceNumber;

  @Override
  SipListeners listeners() {
    return SipListeners.of(
        SettingsDefaults.of(
            SipSettings.class, Map.of("bind", "127.0.0.1:0", "advertisedAddress", advertised)));
  }

  private void speak(DatagramSocket from, int port, int payloadType, int code) throws IOException {
    for (int i = 0; i < 25; i++) {
      byte[] payload = new byte[160];
      Arrays.fill(payload, (byte) code);
      InetSocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      RawSipPeer.rtp(from, to, payloadType, sequenceNumber, 160L * sequenceNumber, 7, payload);
      sequenceNumber++;
    }
  }

  private void awaitHeard(int packets) {
    await().until(() -> sessions.only().acceptedSamples() >= packets * 160);
  }

  private short last() {
    short[] timeline = sessions.only().timeline();
    return timeline[timeline.length - 1];
  }

  private static short decoded(G711Law law, int code) {
    short[] pcm = new short[1];
    law.decode(new byte[] {(byte) code}, 0, 1, pcm, 0);
    return pcm[0];
  }

  private String sdpWith(String codec, String more) {
    return peer.sdp().replace("RTP/AVP 0", "RTP/AVP " + codec) + more;
  }

  @ParameterizedTest
  @ValueSource(strings = {"INVITE", "UPDATE"})
  void hearsTheCodecOfALaterOffer(String method) throws IOException {
    int port = peer.call("").audioPort();
    speak(peer.media, port, 0, 0x10);
    awaitHeard(24);
    assertThat(last()).isEqualTo(decoded(G711Law.PCMU, 0x10));

    for (String codec : new String[] {"8", "0"}) {
      Message ok = peer.exchange(method, "", sdpWith(codec, ""));
      assertThat(ok.body()).contains("m=audio " + port + " RTP/AVP " + codec + "\r\n");
      if (method.equals("INVITE")) {
        peer.acknowledge(ok, "");
      }
      int before = sessions.only().acceptedSamples() / 160;
      speak(peer.media, port, Integer.parseInt(codec), 0x10);
      awaitHeard(before + 25);
      assertThat(last()).isEqualTo(decoded(codec.equals("8") ? G711Law.PCMA : G711Law.PCMU, 0x10));
    }
  }

  /** A NAT's address is not forgotten for a hold, nor for a session timer's re-INVITE. */
  @Test
  void keepsTheSourceBehindANatThroughOffersWithTheSameAddress() throws IOException {
    try (DatagramSocket nat = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      nat.setSoTimeout(Patience.LIMIT_MS);
      int port = peer.call("").audioPort();
      speak(nat, port, 0, 0x10);
      awaitHeard(20);

      for (String direction : new String[] {"sendrecv", "inactive", "sendrecv"}) {
        Message ok = peer.exchange("INVITE", "", peer.sdp(direction));
        peer.acknowledge(ok, "");
      }
      assertThat(peer.exchange("OPTIONS", "", "").status()).isEqualTo(200);

      int before = sessions.only().acceptedSamples() / 160;
      speak(nat, port, 0, 0x10);
      // All of them: a source on probation would lose its first packets.
      awaitHeard(before + 25);
      byte[] buffer = new byte[2000];
      mediaClock.advance(Duration.ofMillis(20));
      nat.receive(new DatagramPacket(buffer, buffer.length));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a=ptime:40, 40",
    "'a=ptime:40 ', 40",
    "a=maxptime:10, 10",
    "a=ptime:60\\r\\na=maxptime:30, 30",
    "a=ptime:200, 60",
    "a=ptime:0, 10"
  })
  void sendsPacketsOfTheTimeThatThePeerAsksFor(String lines, int expectedMs) throws IOException {
    Message ok = peer.call("", sdpWith("0", lines.replace("\\r\\n", "\r\n") + "\r\n"));
    assertThat(ok.body()).contains("a=ptime:" + expectedMs + "\r\n");
    assertThat(sentMs()).isEqualTo(expectedMs);

    Message changed = peer.exchange("INVITE", "", sdpWith("0", "a=ptime:30\r\n"));
    peer.acknowledge(changed, "");
    await()
        .untilAsserted(
            () -> {
              mediaClock.advance(Duration.ofMillis(60));
              assertThat(sentMs()).isEqualTo(30);
            });
  }

  private int sentMs() throws IOException {
    byte[] buffer = new byte[2000];
    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
    mediaClock.advance(Duration.ofMillis(60));
    peer.media.receive(packet);
    return (packet.getLength() - 12) / 8;
  }

  @Test
  void tellsItsAdvertisedAddressInViaContactAndSdp() throws Exception {
    advertised = "203.0.113.9";
    restart(CallSettings.defaults());
    String own = "203.0.113.9:" + gateway.udpAddress().getPort();

    Message ok = peer.call("");

    assertThat(ok.body()).contains("c=IN IP4 203.0.113.9\r\n");
    assertThat(ok.body()).contains(" IN IP4 203.0.113.9\r\ns=");
    assertThat(ok.header("Contact").orElseThrow()).contains("@" + own + ">");
    sessions.only().listener.onClosed(SourceClosed.IDLE);
    Message bye = peer.awaitRequest("BYE");
    assertThat(bye.header("Via").orElseThrow()).startsWith("SIP/2.0/UDP " + own + ";");
    peer.ok(bye);
    await().until(() -> openCalls() == 0);
  }
}
