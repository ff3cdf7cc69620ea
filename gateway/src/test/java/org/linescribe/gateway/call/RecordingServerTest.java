package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.linescribe.gateway.siprec.VendorOffers;

/** What a SIPREC client sees of us, message by message. */
class RecordingServerTest extends CalledGateway {
  private static final String SIPREC =
      "Require: siprec\r\nContent-Type: multipart/mixed;boundary=b\r\n";

  private String sdp(String first, String second) {
    int port = peer.media.getLocalPort();
    return "v=0\r\no=src 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        + ("m=audio " + port + " RTP/AVP 0\r\na=label:1\r\na=" + first + "\r\n")
        + ("m=audio " + port + " RTP/AVP 8 0\r\na=label:2\r\na=" + second + "\r\n");
  }

  private static String part(String type, String content) {
    return "--b\r\nContent-Type: " + type + "\r\n\r\n" + content + "\r\n";
  }

  private static String metadata(String mode, String aorOfTwo) {
    return part(
        "application/rs-metadata+xml",
        "<?xml version=\"1.0\"?>\r\n<recording"
            + " xmlns=\"urn:ietf:params:xml:ns:recording:1\"><datamode>"
            + mode
            + "</datamode><participant participant_id=\"p1\"><nameID"
            + " aor=\"sip:one@x\"><name>One</name></nameID></participant><participant"
            + " participant_id=\"p2\"><nameID aor=\""
            + aorOfTwo
            + "\"/></participant><stream stream_id=\"s1\"><label>1</label></stream><stream"
            + " stream_id=\"s2\"><label>2</label></stream><participantstreamassoc"
            + " participant_id=\"p1\"><send>s1</send></participantstreamassoc>"
            + "<participantstreamassoc"
            + " participant_id=\"p2\"><send>s2</send></participantstreamassoc></recording>");
  }

  private String offer(String first, String second) {
    return part("application/sdp", sdp(first, second))
        + metadata("complete", "sip:two@x")
        + "--b--";
  }

  private RawSipPeer.Message record() throws Exception {
    RawSipPeer.Message ok = peer.call(SIPREC, offer("sendonly", "sendonly"));
    assertThat(ok.status()).isEqualTo(200);
    return ok;
  }

  private static int[] ports(RawSipPeer.Message ok) {
    String[] streams = ok.body().split("m=audio ");
    int[] ports = new int[streams.length - 1];
    for (int i = 0; i < ports.length; i++) {
      ports[i] = Integer.parseInt(streams[i + 1].split(" ")[0]);
    }
    return ports;
  }

  @Test
  void answersEveryStreamAndKnowsItsParticipant() throws Exception {
    RawSipPeer.Message ok = record();

    assertThat(ports(ok)).hasSize(2).doesNotHaveDuplicates().doesNotContain(0);
    assertThat(ok.body().split("a=recvonly", -1)).hasSize(3);
    assertThat(ok.header("Contact").orElseThrow()).contains(";+sip.srs");
    Recording recording = sessions.only();
    assertThat(recording.request.kind()).isEqualTo("siprec");
    assertThat(recording.request.legs()).extracting(leg -> leg.name()).containsExactly("1", "2");
    assertThat(recording.participant(0)).isEqualTo("One <sip:one@x>");
    assertThat(recording.participant(1)).isEqualTo("sip:two@x");
    assertThat(recording.attributes())
        .containsEntry("participant.1", "One <sip:one@x>")
        .containsEntry("participant.2", "sip:two@x");
    peer.exchange("BYE", "", "");
    awaitEnd("bye");
  }

  @Test
  void keepsTheStreamsApart() throws Exception {
    int[] ports = ports(record());

    // 0x10 and 0x90 of PCMU are of opposite sign.
    for (int i = 0; i < 25; i++) {
      peer.rtp(ports[0], i, i * 160L, 7, (byte) 0x10);
      peer.rtp(ports[1], i, i * 160L, 9, (byte) 0x90);
    }

    Recording recording = sessions.only();
    await()
        .untilAsserted(
            () -> {
              assertThat(recording.timeline(0)).hasSizeGreaterThan(20 * 160);
              assertThat(recording.timeline(1)).hasSizeGreaterThan(20 * 160);
            });
    assertThat(recording.timeline(0)[160]).isNegative();
    assertThat(recording.timeline(1)[160]).isPositive();
  }

  @Test
  void takesChangedMetadataOfAnUpdateAndOfAReInvite() throws Exception {
    record();

    assertThat(
            peer.exchange(
                    "UPDATE",
                    "Content-Type: multipart/mixed;boundary=b\r\n",
                    metadata("partial", "sip:three@x") + "--b--")
                .status())
        .isEqualTo(200);
    await().until(() -> sessions.only().participant(1).equals("sip:three@x"));

    RawSipPeer.Message held =
        peer.exchange(
            "INVITE",
            SIPREC,
            part("application/sdp", sdp("inactive", "inactive"))
                + metadata("partial", "sip:four@x")
                + "--b--");
    peer.acknowledge(held, "");
    assertThat(held.body().split("a=inactive", -1)).hasSize(3);
    await().until(() -> sessions.only().participant(1).equals("sip:four@x"));
    assertThat(sessions.only().participant(0)).isEqualTo("One <sip:one@x>");
    assertThat(sessions.only().attributes()).containsEntry("participant.2", "sip:four@x");
  }

  @Test
  void metadataThatCannotBeReadCostsNoRecording() throws Exception {
    RawSipPeer.Message ok =
        peer.call(
            SIPREC,
            part("application/sdp", sdp("sendonly", "sendonly"))
                + part("application/rs-metadata+xml", "<!DOCTYPE x [<!ENTITY y 'z'>]><x>&y;</x>")
                + "--b--");

    assertThat(ok.status()).isEqualTo(200);
    assertThat(sessions.only().participant(0)).isEmpty();
  }

  /** A pause of the recording stays on the timeline, and does not end it. */
  @Test
  void pausedStreamsStayOnTheTimeline() throws Exception {
    int[] ports = ports(record());
    for (int i = 0; i < 5; i++) {
      peer.rtp(ports[0], i, i * 160L, 7, (byte) 0x10);
      peer.rtp(ports[1], i, i * 160L, 9, (byte) 0x10);
    }
    await().until(() -> sessions.only().timeline(1).length >= 160);
    peer.acknowledge(
        peer.exchange("INVITE", "Require: siprec\r\n", sdp("inactive", "inactive")), "");
    mediaClock.advance(RTP_TIMEOUT.multipliedBy(2));
    peer.acknowledge(
        peer.exchange("INVITE", "Require: siprec\r\n", sdp("sendonly", "sendonly")), "");

    await()
        .untilAsserted(
            () ->
                assertThat(sessions.only().timeline(0).length)
                    .isGreaterThan((int) RTP_TIMEOUT.toSeconds() * 8000));
    assertThat(sessions.only().endReason()).isNull();
    assertThat(sessions.only().flushes()).isPositive();
  }

  /** While one party is heard, the silence of the other is no time-out. */
  @Test
  void endsWhenNoStreamBringsMedia() throws Exception {
    int[] ports = ports(record());

    mediaClock.advance(RTP_TIMEOUT.minusSeconds(1));
    for (int i = 0; i < 5; i++) {
      peer.rtp(ports[1], i, i * 160L, 9, (byte) 0x10);
    }
    await().until(() -> sessions.only().timeline(1).length >= 160);
    mediaClock.advance(Duration.ofSeconds(2));
    assertThat(peer.exchange("UPDATE", "", "").status()).isEqualTo(200);
    assertThat(sessions.only().endReason()).isNull();

    mediaClock.advance(RTP_TIMEOUT);
    awaitEnd("rtp-timeout");
  }

  @Test
  void aStreamThatIsOfferedNoLongerEndsNothing() throws Exception {
    record();

    RawSipPeer.Message ok =
        peer.exchange(
            "INVITE",
            "Require: siprec\r\n",
            sdp("sendonly", "sendonly").replaceFirst("m=audio \\d+", "m=audio 0"));

    assertThat(ok.status()).isEqualTo(200);
    assertThat(ports(ok)[0]).isZero();
    assertThat(ports(ok)[1]).isNotZero();
  }

  @ParameterizedTest
  @CsvSource({
    "acme-siprec-offer.txt,2",
    "broadworks-offer.txt,1",
    "broadworks-offer-2.txt,2",
    "cisco-siprec-offer.txt,2",
    "connectel-offer.txt,2",
    "connectel-offer2.txt,2",
    "connectel-offer3.txt,2",
    "inactive-sdp-offer.txt,2",
    "procomm-siprec-offer.txt,2",
    "sonus-siprec-offer.txt,2",
  })
  void answersTheOffersOfVendors(String file, int streams) throws Exception {
    byte[] body = VendorOffers.body(file);

    RawSipPeer.Message ok =
        peer.call(
            "Require: siprec\r\nContent-Type: multipart/mixed;boundary=\""
                + VendorOffers.boundary(body)
                + "\"\r\n",
            new String(body, StandardCharsets.UTF_8));

    assertThat(ok.status()).isEqualTo(200);
    assertThat(ports(ok)).hasSize(streams).doesNotContain(0);
    assertThat(sessions.only().request.legs()).hasSize(streams);
  }

  @Test
  void recordsManyAtOnce() throws Exception {
    for (int i = 0; i < 5; i++) {
      peer.close();
      peer = new RawSipPeer(gateway.udpAddress());
      record();
    }

    assertThat(sessions.recordings).hasSize(5).allMatch(r -> r.request.legs().size() == 2);
    await().until(() -> openCalls() == 5);
  }
}
