package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.call.RawSipPeer.Message;
import org.linescribe.media.codec.AudioCodec;
import org.linescribe.media.codec.AudioEncoder;

/** A call whose codec changes between G.711, G.722 and Opus while its caller speaks. */
class CodecChangeTest extends CalledGateway {
  private static final int FRAME_SAMPLES = 160;

  /** A source whose timestamps jump, as another clock's do, is heard from its second packet on. */
  private static final int BURST_FRAMES = 2;

  private int sequenceNumber;
  private long timestamp = 0xFFFF_0000L;

  private void change(String method, AudioCodec codec) throws Exception {
    String offer =
        peer.sdp().replace("RTP/AVP 0", "RTP/AVP " + codec.payloadType())
            + ("a=rtpmap:" + codec.payloadType() + " " + codec.encoding() + "\r\n");
    Message ok = peer.exchange(method, "", offer);
    assertThat(ok.status()).isEqualTo(200);
    assertThat(ok.body())
        .contains(" RTP/AVP " + codec.payloadType() + "\r\n")
        .containsIgnoringCase("a=rtpmap:" + codec.payloadType() + " " + codec.encoding());
    if (method.equals("INVITE")) {
      peer.acknowledge(ok, "");
    }
  }

  /** As a phone does it: number and timestamp go on, the latter by the codec's own clock. */
  private void speak(int port, AudioCodec codec, short[] pcm, int from, int to) throws Exception {
    AudioEncoder encoder = codec.newEncoder();
    InetSocketAddress gatewayPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    int inBurst = 0;
    for (int at = from; at + FRAME_SAMPLES <= to; at += FRAME_SAMPLES) {
      byte[] payload = encoder.encode(pcm, at, FRAME_SAMPLES);
      RawSipPeer.rtp(
          peer.media,
          gatewayPort,
          codec.payloadType(),
          sequenceNumber,
          timestamp & 0xFFFF_FFFFL,
          7,
          payload);
      sequenceNumber++;
      timestamp += (long) FRAME_SAMPLES * codec.ticksPerSample();
      if (++inBurst == BURST_FRAMES) {
        awaitHeard();
        mediaClock.advance(Duration.ofMillis(20 * BURST_FRAMES));
        inBurst = 0;
      }
    }
  }

  private void awaitHeard() {
    int sent = sequenceNumber * FRAME_SAMPLES;
    await()
        .pollInterval(Duration.ofMillis(1))
        .untilAsserted(
            () -> assertThat(sessions.only().timeline().length).isGreaterThanOrEqualTo(sent));
  }

  @ParameterizedTest
  @ValueSource(strings = {"INVITE", "UPDATE"})
  void hearsEachCodecThatALaterOfferChooses(String method) throws Exception {
    short[] speech = Speech.samples("speech");
    int burst = BURST_FRAMES * FRAME_SAMPLES;
    int part = speech.length / 4 / burst * burst;
    int port = peer.call("").audioPort();
    AudioCodec[] codecs = {AudioCodec.PCMU, AudioCodec.G722, AudioCodec.OPUS, AudioCodec.PCMU};

    for (int i = 0; i < codecs.length; i++) {
      if (i > 0) {
        change(method, codecs[i]);
      }
      speak(port, codecs[i], speech, i * part, (i + 1) * part);
    }

    short[] timeline = sessions.only().timeline();
    assertThat(timeline.length).as("neither lost nor doubled").isEqualTo(4 * part);
    for (int i = 0; i < codecs.length; i++) {
      Speech.assertPieceHeard(
          method + " " + codecs[i],
          Arrays.copyOfRange(speech, i * part, (i + 1) * part),
          Arrays.copyOfRange(timeline, i * part, Math.min(timeline.length, (i + 1) * part)),
          1000);
    }
  }
}
