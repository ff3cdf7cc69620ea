package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.linescribe.gateway.call.RawSipPeer.Message;
import org.linescribe.gateway.dtls.DtlsFingerprint;
import org.linescribe.gateway.dtls.DtlsHandshake;
import org.linescribe.gateway.dtls.DtlsIdentity;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipListeners;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.sip.SipWebSocketSettings;
import org.linescribe.gateway.srtp.CryptoAttribute;
import org.linescribe.gateway.srtp.SrtpKeys;
import org.linescribe.gateway.srtp.SrtpMode;
import org.linescribe.gateway.srtp.SrtpSession;
import org.linescribe.gateway.srtp.SrtpSuite;
import org.linescribe.gateway.tls.TlsSettings;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.TestCertificate;
import org.linescribe.testsupport.Tool;

/** Recordings of a SIPREC client that protects its media, and its signalling. */
class SecureRecordingTest extends CalledGateway {
  private static final Pattern CRYPTO = Pattern.compile("a=crypto:([^\r]*)");
  private static final Pattern FINGERPRINT = Pattern.compile("a=fingerprint:([^\r]*)");

  @TempDir Path folder;
  private final DtlsIdentity identity = new DtlsIdentity();
  private final List<Stream> streams = new ArrayList<>();
  private SrtpMode mode = SrtpMode.ALLOWED;
  private TestCertificate certificate;

  @Override
  RtpSettings rtp() {
    return rtp(Map.of("srtp", mode));
  }

  @Override
  SipListeners listeners() {
    return certificate == null
        ? super.listeners()
        : new SipListeners(
            SipSettings.on("127.0.0.1:0"),
            TlsSettings.on(
                "127.0.0.1:0", certificate.certificate().toString(), certificate.key().toString()),
            SipWebSocketSettings.off());
  }

  private void restart(SrtpMode with) throws Exception {
    mode = with;
    restart(CallSettings.defaults());
  }

  @AfterEach
  void closeStreams() {
    streams.forEach(Stream::close);
  }

  /** One stream of the client: its port, its keys, and what it sends. */
  private final class Stream implements AutoCloseable {
    final String label;
    final DatagramSocket socket;
    CryptoAttribute own = CryptoAttribute.create("1", SrtpSuite.AES_CM_128_HMAC_SHA1_80);
    SrtpSession srtp;
    DtlsHandshake handshake;

    Stream(String label) throws SocketException {
      this.label = label;
      this.socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
      streams.add(this);
    }

    String lines(String protocol, String security) {
      return "m=audio %d %s 0\r\na=sendonly\r\na=label:%s\r\n%s"
          .formatted(socket.getLocalPort(), protocol, label, security);
    }

    String plain() {
      return lines("RTP/AVP", "");
    }

    String sdes() {
      return lines("RTP/SAVP", "a=crypto:" + own.value() + "\r\n");
    }

    String dtls() {
      return lines(
          "UDP/TLS/RTP/SAVP",
          "a=setup:active\r\na=rtcp-mux\r\na=fingerprint:"
              + identity.fingerprint().value()
              + "\r\n");
    }

    /** The part of an answer about this stream has our key: from now on it is protected by both. */
    CryptoAttribute agree(String answered) {
      CryptoAttribute ours = CryptoAttribute.parse(first(CRYPTO, answered)).orElseThrow();
      srtp = new SrtpSession(new SrtpKeys(own.key(), ours.key()));
      return ours;
    }

    void shakeHands(String answered) throws Exception {
      int port = Integer.parseInt(answered.split(" ")[0]);
      CompletableFuture<SrtpKeys> keys = new CompletableFuture<>();
      handshake =
          DtlsHandshake.begin(
              identity,
              DtlsFingerprint.best(List.of(first(FINGERPRINT, answered))).orElseThrow(),
              true,
              datagram -> send(datagram, port),
              keys::complete);
      Thread.ofVirtual().start(this::receive);
      await().until(keys::isDone);
      srtp = new SrtpSession(keys.get());
    }

    private void receive() {
      byte[] buffer = new byte[2000];
      try {
        while (true) {
          DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
          socket.receive(packet);
          if (DtlsHandshake.isDtls(buffer[0] & 0xFF)) {
            handshake.receive(Arrays.copyOf(buffer, packet.getLength()));
          }
        }
      } catch (IOException closed) {
        // The test is over.
      }
    }

    private void send(byte[] datagram, int port) {
      try {
        socket.send(
            new DatagramPacket(datagram, datagram.length, InetAddress.getLoopbackAddress(), port));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Half a second of one code. */
    void speak(int port, int ssrc, int code) {
      for (int i = 0; i < 25; i++) {
        ByteBuf packet = Unpooled.buffer(256);
        packet.writeByte(0x80).writeByte(0).writeShort(i).writeInt(i * 160).writeInt(ssrc);
        for (int sample = 0; sample < 160; sample++) {
          packet.writeByte(code);
        }
        if (srtp != null) {
          srtp.protectRtp(packet);
        }
        send(ByteBufUtil.getBytes(packet), port);
      }
    }

    @Override
    public void close() {
      socket.close();
      if (handshake != null) {
        handshake.close();
      }
    }
  }

  private static String first(Pattern line, String text) {
    return line.matcher(text).results().findFirst().orElseThrow().group(1);
  }

  private static String offer(String... lines) {
    return "v=0\r\no=src 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        + String.join("", lines);
  }

  private static String[] answered(Message ok) {
    assertThat(ok.status()).as(ok.head()).isEqualTo(200);
    String[] parts = ok.body().split("m=audio ");
    return Arrays.copyOfRange(parts, 1, parts.length);
  }

  private double forged() {
    return registry.counter("linescribe.rtp.defects", "kind", "srtp_forged").count();
  }

  private void awaitHeard(int leg, boolean isPositive) {
    await().until(() -> sessions.only().timeline(leg).length >= 20 * 160);
    int sample = sessions.only().timeline(leg)[10 * 160];
    assertThat(sample > 0).as("leg " + leg + ": " + sample).isEqualTo(isPositive);
  }

  private void assertTwoStreamsWithTheirOwnKeys(RawSipPeer client) throws Exception {
    Stream one = new Stream("1");
    Stream two = new Stream("2");
    Message ok =
        client.call(
            RecordingOffer.HEADERS,
            RecordingOffer.of(offer(one.sdes(), two.sdes()), "complete", "1", "2"));
    String[] parts = answered(ok);
    int[] ports = RecordingOffer.ports(ok);
    CryptoAttribute first = one.agree(parts[0]);
    CryptoAttribute second = two.agree(parts[1]);
    assertThat(parts[0]).contains("RTP/SAVP 0").contains("a=recvonly");
    assertThat(first.key()).isNotEqualTo(second.key());

    // Each stream takes its own key only.
    one.speak(ports[1], 5, 0x10);
    await().until(() -> forged() == 25);
    one.speak(ports[0], 7, 0x10);
    two.speak(ports[1], 9, 0x90);
    awaitHeard(0, false);
    awaitHeard(1, true);

    Stream three = new Stream("3");
    Message more =
        client.exchange(
            "INVITE",
            RecordingOffer.HEADERS,
            RecordingOffer.of(
                offer(one.sdes(), two.sdes(), three.sdes()), "partial", "1", "2", "3"));
    client.acknowledge(more, "");
    String[] after = answered(more);
    assertThat(first(CRYPTO, after[0])).as("an unchanged key").isEqualTo(first.value());
    assertThat(first(CRYPTO, after[1])).isEqualTo(second.value());
    CryptoAttribute third = three.agree(after[2]);
    assertThat(third.key()).isNotIn(first.key(), second.key());
    two.speak(RecordingOffer.ports(more)[2], 11, 0x90);
    await().until(() -> forged() == 50);
    three.speak(RecordingOffer.ports(more)[2], 12, 0x10);
    awaitHeard(2, false);

    // A key that one stream changes is that stream's alone.
    two.own = CryptoAttribute.create("1", SrtpSuite.AES_CM_128_HMAC_SHA1_80);
    Message changed =
        client.exchange(
            "INVITE",
            RecordingOffer.HEADERS,
            RecordingOffer.of(
                offer(one.sdes(), two.sdes(), three.sdes()), "partial", "1", "2", "3"));
    client.acknowledge(changed, "");
    String[] last = answered(changed);
    assertThat(first(CRYPTO, last[0])).isEqualTo(first.value());
    assertThat(two.agree(last[1]).key()).isNotEqualTo(second.key());
    assertThat(first(CRYPTO, last[2])).isEqualTo(third.value());
    int before = sessions.only().acceptedSamples();
    two.speak(ports[1], 13, 0x90);
    await().until(() -> sessions.only().acceptedSamples() > before + 10 * 160);
    assertThat(forged()).isEqualTo(50);
    assertThat(client.exchange("BYE", "", "").status()).isEqualTo(200);
    awaitEnd("bye");
  }

  @Test
  void givesEveryStreamItsOwnKeyAndKeepsItWhenOneIsAddedOrChanged() throws Exception {
    restart(SrtpMode.REQUIRED);
    assertTwoStreamsWithTheirOwnKeys(peer);
  }

  @Test
  @NeedsTool(Tool.OPENSSL)
  void recordsOverTls() throws Exception {
    certificate = TestCertificate.make(folder, "recorder");
    restart(SrtpMode.ALLOWED);
    try (RawSipPeer client =
        new RawSipPeer(
            gateway.address("tls").orElseThrow(),
            new StreamWire(
                gateway.address("tls").orElseThrow(), TestCertificate.client(null, certificate)))) {
      assertTwoStreamsWithTheirOwnKeys(client);
    }
    assertThat(sessions.only().request.attributes()).containsEntry("transport", "tls");
    assertThat(sessions.only().request.kind()).isEqualTo("siprec");
  }

  @Test
  void shakesHandsForEveryStreamAndForOneThatIsAdded() throws Exception {
    Stream one = new Stream("1");
    Stream two = new Stream("2");
    Message ok =
        peer.call(
            RecordingOffer.HEADERS,
            RecordingOffer.of(offer(one.dtls(), two.dtls()), "complete", "1", "2"));
    String[] parts = answered(ok);
    assertThat(parts[0]).contains("a=setup:passive").contains("a=recvonly");
    one.shakeHands(parts[0]);
    two.shakeHands(parts[1]);
    one.speak(RecordingOffer.ports(ok)[0], 7, 0x10);
    two.speak(RecordingOffer.ports(ok)[1], 9, 0x90);
    awaitHeard(0, false);
    awaitHeard(1, true);

    Stream three = new Stream("3");
    Message more =
        peer.exchange(
            "UPDATE",
            RecordingOffer.HEADERS,
            RecordingOffer.of(
                offer(one.dtls(), two.dtls(), three.dtls()), "partial", "1", "2", "3"));
    three.shakeHands(answered(more)[2]);
    three.speak(RecordingOffer.ports(more)[2], 11, 0x10);
    awaitHeard(2, false);
    int before = sessions.only().timeline(0).length;
    // The handshake of before still stands.
    one.speak(RecordingOffer.ports(more)[0], 21, 0x10);
    await().until(() -> sessions.only().timeline(0).length > before);
    assertThat(forged()).isZero();
  }

  @Test
  void refusesTheStreamInTheClearWhereProtectionIsRequired() throws Exception {
    restart(SrtpMode.REQUIRED);
    Stream open = new Stream("1");
    Stream closed = new Stream("2");
    Message ok =
        peer.call(
            RecordingOffer.HEADERS,
            RecordingOffer.of(offer(open.plain(), closed.sdes()), "complete", "1", "2"));
    String[] parts = answered(ok);
    assertThat(RecordingOffer.ports(ok)[0]).isZero();
    assertThat(sessions.only().request.legs()).extracting(leg -> leg.name()).containsExactly("2");
    closed.agree(parts[1]);
    closed.speak(RecordingOffer.ports(ok)[1], 9, 0x90);
    awaitHeard(0, true);

    // Nor one that is added, nor one that was protected before.
    Message more =
        peer.exchange(
            "INVITE",
            RecordingOffer.HEADERS,
            RecordingOffer.of(offer(open.plain(), closed.plain()), "partial", "1", "2"));
    peer.acknowledge(more, "");
    assertThat(RecordingOffer.ports(more)).containsExactly(0, 0);
    assertThat(sessions.only().added).isEmpty();
  }

  @Test
  void refusesARecordingWithoutAnyStreamThatItMayTake() throws Exception {
    restart(SrtpMode.REQUIRED);
    Stream one = new Stream("1");
    Message clear =
        peer.call(RecordingOffer.HEADERS, RecordingOffer.of(offer(one.plain()), "complete", "1"));
    assertThat(clear.status()).isEqualTo(488);
    peer.ackRejected(clear);

    restart(SrtpMode.OFF);
    for (String offered : new String[] {one.sdes(), one.dtls()}) {
      Message secure =
          peer.call(RecordingOffer.HEADERS, RecordingOffer.of(offer(offered), "complete", "1"));
      assertThat(secure.status()).isEqualTo(488);
      peer.ackRejected(secure);
    }
    assertThat(sessions.recordings).isEmpty();
  }

  /** RTP/AVP with a key lets the answerer choose (RFC 8643). */
  @Test
  void answersAnOptionalKeyInTheClearWhereProtectionIsOff() throws Exception {
    restart(SrtpMode.OFF);
    Stream one = new Stream("1");
    String lines = one.lines("RTP/AVP", "a=crypto:" + one.own.value() + "\r\n");

    Message ok =
        peer.call(RecordingOffer.HEADERS, RecordingOffer.of(offer(lines), "complete", "1"));

    assertThat(answered(ok)[0]).doesNotContain("a=crypto");
    one.speak(RecordingOffer.ports(ok)[0], 7, 0x10);
    awaitHeard(0, false);
  }
}
