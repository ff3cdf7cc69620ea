package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.media.g711.G711Law;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.SipKit;
import org.linescribe.testsupport.Tool;

/**
 * Calls whose media rtpengine relays, as it stands beside Kamailio and OpenSIPS: the caller speaks
 * plain RTP, the gateway gets what rtpengine makes of it.
 */
@NeedsTool(Tool.RTPENGINE)
class RtpengineCallTest {
  private static final String CALLER = "caller-tag";
  private static final int FRAME_SAMPLES = 160;
  private static final long FRAME_NS = 20_000_000L;

  @TempDir Path work;
  private final RecordingSessionsFake sessions = new RecordingSessionsFake();
  private final short[] speech = wholeFrames(Speech.samples("agent"));
  private SipGateway gateway;
  private RawSipPeer peer;
  private Rtpengine relay;
  private int sequenceNumber;

  @BeforeEach
  void start() throws Exception {
    gateway =
        new SipGateway(
            SipSettings.on("127.0.0.1:0"),
            PatientRtp.settings(),
            CallSettings.defaults(),
            sessions,
            new SimpleMeterRegistry(),
            Clock.systemUTC());
    gateway.start();
    peer = new RawSipPeer(gateway.udpAddress());
    relay = Rtpengine.start(new SipKit(work));
  }

  @AfterEach
  void stop() {
    relay.close();
    peer.close();
    gateway.stop();
  }

  private static short[] wholeFrames(short[] pcm) {
    return Arrays.copyOf(pcm, pcm.length / FRAME_SAMPLES * FRAME_SAMPLES);
  }

  /** What rtpengine makes of the caller's description for the gateway. */
  private String offered(Map<String, Object> asked) throws IOException {
    return sdp(relay.ask("offer", of(peer.sdp(), asked)));
  }

  /** What it makes of the gateway's for the caller, whose port for RTP is returned. */
  private int answered(RawSipPeer.Message ok) throws IOException {
    Map<String, Object> plain = Map.of("transport-protocol", "RTP/AVP", "ICE", "remove");
    Map<String, Object> answer = of(ok.body(), plain);
    answer.put("to-tag", "gateway-tag");
    return new RawSipPeer.Message("", "", sdp(relay.ask("answer", answer))).audioPort();
  }

  private Map<String, Object> of(String sdp, Map<String, Object> more) {
    Map<String, Object> arguments =
        new HashMap<>(Map.of("call-id", peer.callId, "from-tag", CALLER, "sdp", sdp));
    arguments.putAll(more);
    return arguments;
  }

  private static String sdp(Map<String, Object> answer) {
    return String.valueOf(answer.get("sdp"));
  }

  /** Speaks the recording, in real time, when checks and handshakes let the caller be heard. */
  private void speak(DatagramSocket from, int port, int leg) throws IOException {
    Recording hearing = sessions.only();
    int before = hearing.timeline(leg).length;
    short[] noise = new short[FRAME_SAMPLES];
    Arrays.fill(noise, (short) 1000);
    await()
        .pollInterval(Duration.ofNanos(FRAME_NS))
        .until(
            () -> {
              send(from, port, noise, 0);
              return hasSound(hearing.timeline(leg), before);
            });
    speak(from, port, 0, speech.length);
  }

  private static boolean hasSound(short[] timeline, int from) {
    for (int i = from; i < timeline.length; i++) {
      if (timeline[i] != 0) {
        return true;
      }
    }
    return false;
  }

  /** Speaks a part of the recording. */
  private void speak(DatagramSocket from, int port, int fromSample, int toSample)
      throws IOException {
    long dueNs = System.nanoTime();
    for (int at = fromSample; at < toSample; at += FRAME_SAMPLES) {
      LockSupport.parkNanos(dueNs - System.nanoTime());
      dueNs += FRAME_NS;
      send(from, port, speech, at);
    }
  }

  private void send(DatagramSocket from, int port, short[] pcm, int at) throws IOException {
    byte[] packet = new byte[12 + FRAME_SAMPLES];
    ByteBuffer.wrap(packet)
        .put((byte) 0x80)
        .put((byte) 0)
        .putShort((short) sequenceNumber)
        .putInt(FRAME_SAMPLES * sequenceNumber)
        .putInt(7);
    sequenceNumber++;
    G711Law.PCMU.encode(pcm, at, FRAME_SAMPLES, packet, 12);
    from.send(new DatagramPacket(packet, packet.length, InetAddress.getLoopbackAddress(), port));
  }

  private void hangUp() throws IOException {
    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
    relay.ask("delete", Map.of("call-id", peer.callId, "from-tag", CALLER));
  }

  private void assertHeard(String what, int leg) {
    Speech.assertPieceHeard(
        "rtpengine, " + what + ", leg " + leg, speech, sessions.only().timeline(leg), 2000);
  }

  static Stream<Arguments> transports() {
    return Stream.of(
        Arguments.of("plain", Map.of("ICE", "remove"), "RTP/AVP 0"),
        Arguments.of(
            "SDES",
            Map.of("transport-protocol", "RTP/SAVP", "ICE", "remove", "DTLS", "off"),
            "a=crypto:"),
        Arguments.of(
            "ICE", Map.of("transport-protocol", "RTP/AVP", "ICE", "force"), "a=ice-ufrag:"),
        Arguments.of(
            "DTLS-SRTP",
            Map.of(
                "transport-protocol", "UDP/TLS/RTP/SAVP", "ICE", "remove", "SDES", List.of("off")),
            "a=fingerprint:"),
        Arguments.of(
            "as a browser",
            Map.of(
                "transport-protocol",
                "UDP/TLS/RTP/SAVPF",
                "ICE",
                "force",
                "SDES",
                List.of("off"),
                "rtcp-mux",
                List.of("offer")),
            "a=ice-ufrag:"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("transports")
  void hearsTheCallerThroughTheRelay(String name, Map<String, Object> asked, String shows)
      throws Exception {
    String offer = offered(asked);
    assertThat(offer).contains(shows);

    RawSipPeer.Message ok = peer.call("", offer);

    assertThat(ok.status()).as(ok.head()).isEqualTo(200);
    if (shows.startsWith("a=")) {
      assertThat(ok.body()).contains(shows);
    }
    speak(peer.media, answered(ok), 0);
    hangUp();
    assertHeard(name, 0);
  }

  @Test
  void hearsTheCallerOnWhenARenegotiationBringsKeysAndTakesThemAway() throws Exception {
    int third = speech.length / (3 * FRAME_SAMPLES) * FRAME_SAMPLES;
    RawSipPeer.Message ok = peer.call("", offered(Map.of("ICE", "remove")));
    speak(peer.media, answered(ok), 0, third);

    RawSipPeer.Message keyed =
        renegotiate(Map.of("transport-protocol", "RTP/SAVP", "ICE", "remove", "DTLS", "off"));
    assertThat(keyed.body()).contains("a=crypto:");
    speak(peer.media, answered(keyed), third, 2 * third);

    RawSipPeer.Message plain =
        renegotiate(Map.of("transport-protocol", "RTP/AVP", "ICE", "remove"));
    assertThat(plain.body()).doesNotContain("a=crypto:");
    speak(peer.media, answered(plain), 2 * third, speech.length);

    hangUp();
    for (int part = 0; part < 3; part++) {
      double correlation =
          Speech.bestCorrelation(
              speech, sessions.only().timeline(), part * third + 800, (part + 1) * third - 800);
      assertThat(correlation).as("part %d", part).isGreaterThanOrEqualTo(Speech.LEAST);
    }
  }

  private RawSipPeer.Message renegotiate(Map<String, Object> asked) throws IOException {
    RawSipPeer.Message ok = peer.exchange("INVITE", "", offered(asked));
    assertThat(ok.status()).as(ok.head()).isEqualTo(200);
    peer.ack();
    return ok;
  }

  /** Two others talk through rtpengine, which forks both to the gateway as a SIPREC client does. */
  @Test
  void recordsBothPartiesOfACallThatTheRelayForks() throws Exception {
    try (RawSipPeer other = new RawSipPeer(gateway.udpAddress())) {
      Map<String, Object> plain = Map.of("ICE", "remove");
      int calledPort = new RawSipPeer.Message("", "", offered(plain)).audioPort();
      Map<String, Object> answer = of(other.sdp(), plain);
      answer.put("to-tag", "called-tag");
      int callerPort = new RawSipPeer.Message("", "", sdp(relay.ask("answer", answer))).audioPort();
      Map<String, Object> fork =
          relay.ask("subscribe request", Map.of("call-id", peer.callId, "flags", List.of("all")));

      RawSipPeer.Message ok = peer.call("Require: siprec\r\n", sdp(fork));

      assertThat(ok.status()).as(ok.head()).isEqualTo(200);
      relay.ask(
          "subscribe answer",
          Map.of("call-id", peer.callId, "to-tag", fork.get("to-tag"), "sdp", ok.body()));
      speak(peer.media, callerPort, 0);
      speak(other.media, calledPort, 1);
      hangUp();
    }
    assertThat(sessions.only().request.kind()).isEqualTo("siprec");
    assertThat(sessions.only().request.legs()).hasSize(2);
    assertHeard("forked", 0);
    assertHeard("forked", 1);
  }
}
