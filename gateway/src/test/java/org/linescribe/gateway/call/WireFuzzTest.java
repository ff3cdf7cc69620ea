package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.rtp.RtpSettings;
import org.linescribe.gateway.sip.SipListeners;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.testsupport.Patience;

/** Garbage on every port: counted, refused, and nobody else notices. */
class WireFuzzTest {
  private static final int ROUNDS = 400;
  private final RecordingSessionsFake sessions = new RecordingSessionsFake();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final StandingClock mediaClock = new StandingClock();
  private SipGateway gateway;
  private RawSipPeer peer;

  @BeforeEach
  void start() throws Exception {
    gateway = gateway(1000, Duration.ofMinutes(10), Duration.ofMinutes(5));
    peer = new RawSipPeer(gateway.udpAddress());
  }

  private SipGateway gateway(int maxConnections, Duration idleTimeout, Duration messageTimeout)
      throws Exception {
    SipSettings sip =
        new SipSettings(
            "127.0.0.1:0",
            "",
            List.of(),
            List.of(),
            maxConnections,
            idleTimeout,
            messageTimeout,
            65_535,
            0);
    SipGateway made =
        new SipGateway(
            SipListeners.of(sip),
            RtpSettings.on("0"),
            CallSettings.defaults(),
            sessions,
            registry,
            Clock.systemUTC(),
            mediaClock);
    made.start();
    return made;
  }

  @AfterEach
  void stop() {
    peer.close();
    gateway.stop();
  }

  private void restart(int maxConnections, Duration idleTimeout, Duration messageTimeout)
      throws Exception {
    stop();
    gateway = gateway(maxConnections, idleTimeout, messageTimeout);
    peer = new RawSipPeer(gateway.udpAddress());
  }

  private void assertAlive() throws IOException {
    assertThat(peer.exchange("OPTIONS", "", "").status()).isEqualTo(200);
    try (Socket socket = connect()) {
      socket.setSoTimeout(Patience.LIMIT_MS);
      socket
          .getOutputStream()
          .write(
              peer.request("OPTIONS", "", "")
                  .replace("SIP/2.0/UDP", "SIP/2.0/TCP")
                  .getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readNBytes(11);
      assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("SIP/2.0 200");
    }
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), gateway.tcpAddress().getPort());
  }

  /** A slice of what {@link WireFuzz} sends by the million. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void survivesMutatedMessagesOnEveryPort(long seed) throws IOException {
    Map<String, Integer> sent = new WireFuzz(gateway, seed).send(4 * ROUNDS);

    assertThat(sent).containsOnlyKeys("sip", "sdp", "tcp", "rtp", "rtcp", "srtp", "authentic");
    await().ignoreExceptions().untilAsserted(this::assertAlive);
    // The media has loops of its own: the signalling may answer before they have read everything.
    for (String kind : List.of("srtp_forged", "bad_rtcp")) {
      await().until(() -> registry.counter("linescribe.rtp.defects", "kind", kind).count() > 0);
    }
  }

  @Test
  void neverAllocatesWhatAStreamMerelyClaims() throws IOException {
    try (Socket socket = connect()) {
      socket.setSoTimeout(Patience.LIMIT_MS);
      String message =
          peer.request("OPTIONS", "", "")
              .replace("Content-Length: 0", "Content-Length: 1000000000");
      socket.getOutputStream().write(message.getBytes(StandardCharsets.US_ASCII));

      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

      assertThat(answer).startsWith("SIP/2.0 513 ");
    }
    assertThat(registry.counter("linescribe.sip.defects", "kind", "too_large").count())
        .isEqualTo(1);
    assertAlive();
  }

  @Test
  void closesAStreamWhoseHeaderLineNeverEnds() throws IOException {
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      byte[] block = new byte[8192];
      Arrays.fill(block, (byte) 'x');
      out.write("OPTIONS sip:a@b SIP/2.0\r\nSubject: ".getBytes(StandardCharsets.US_ASCII));
      boolean open = true;
      for (int i = 0; i < 10_000 && open; i++) {
        try {
          out.write(block);
        } catch (SocketException e) {
          open = false;
        }
      }

      assertThat(open).as("connection").isFalse();
    }
    assertAlive();
  }

  @Test
  void closesAStreamThatStallsInAMessageAndOneThatIsIdle() throws Exception {
    restart(5, Duration.ofSeconds(1), Duration.ofSeconds(1));
    try (Socket stalled = connect();
        Socket idle = connect()) {
      stalled.setSoTimeout(Patience.LIMIT_MS);
      idle.setSoTimeout(Patience.LIMIT_MS);
      stalled.getOutputStream().write("OPTIONS sip:a".getBytes(StandardCharsets.US_ASCII));

      assertThat(stalled.getInputStream().read()).isEqualTo(-1);
      assertThat(idle.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void closesConnectionsBeyondTheLimitAndKeepsTheOthers() throws Exception {
    restart(5, Duration.ofMinutes(10), Duration.ofMinutes(5));
    Socket[] sockets = new Socket[6];
    try {
      for (int i = 0; i < sockets.length; i++) {
        sockets[i] = connect();
        sockets[i].setSoTimeout(Patience.LIMIT_MS);
        if (i < 5) {
          // A ping answered shows that the gateway has taken the connection.
          sockets[i].getOutputStream().write("\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
          assertThat(sockets[i].getInputStream().readNBytes(2)).containsExactly('\r', '\n');
        }
      }

      assertThat(sockets[5].getInputStream().read()).isEqualTo(-1);
      sockets[0].getOutputStream().write("\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(sockets[0].getInputStream().readNBytes(2)).containsExactly('\r', '\n');
    } finally {
      for (Socket socket : sockets) {
        if (socket != null) {
          socket.close();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 8})
  void keepsTheCallUnderGarbageOnItsMediaPorts(long seed) throws IOException {
    int port = peer.call("").audioPort();
    Random random = new Random(seed);
    try (DatagramSocket stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      for (int i = 0; i < 50; i++) {
        peer.rtp(port, i, 160L * i, 7, (byte) 0x90);
        for (int j = 0; j < 10; j++) {
          byte[] noise = new byte[random.nextInt(400)];
          random.nextBytes(noise);
          if (noise.length > 0 && random.nextBoolean()) {
            noise[0] = (byte) 0x80;
          }
          DatagramSocket from = random.nextBoolean() ? stranger : peer.media;
          from.send(
              new DatagramPacket(
                  noise, noise.length, InetAddress.getLoopbackAddress(), port + random.nextInt(2)));
        }
        // One by one: a burst would only overflow the socket, which is no news.
        int sent = (i + 1) * 160;
        await()
            .pollInterval(Duration.ofMillis(2))
            .until(() -> sessions.only().acceptedSamples() >= sent);
      }
    }

    assertThat(peer.exchange("BYE", "", "").status()).isEqualTo(200);
    await().untilAsserted(() -> assertThat(sessions.only().endReason()).isEqualTo("bye"));
  }

  @Test
  void doesNotLetAStrangerTakeOverAnEstablishedStream() throws IOException {
    int port = peer.call("").audioPort();
    for (int i = 0; i < 5; i++) {
      peer.rtp(port, i, 160L * i, 7, (byte) 0x90);
    }
    await().until(() -> sessions.only().acceptedSamples() == 800);
    try (DatagramSocket stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      for (int i = 5; i < 25; i++) {
        RawSipPeer.rtp(stranger, port, i, 160L * i, 8, (byte) 0x00);
      }
    }

    await()
        .untilAsserted(
            () ->
                assertThat(
                        registry
                            .counter("linescribe.rtp.defects", "kind", "foreign_source")
                            .count())
                    .isEqualTo(20));
    assertThat(sessions.only().acceptedSamples()).isEqualTo(800);
  }
}
