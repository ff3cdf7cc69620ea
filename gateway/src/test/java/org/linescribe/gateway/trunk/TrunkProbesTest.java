package org.linescribe.gateway.trunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.sip.AnsweringPeer;
import org.linescribe.gateway.sip.RequestFailover;
import org.linescribe.gateway.sip.SipListeners;
import org.linescribe.gateway.sip.SipLocator;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.gateway.sip.SipServer;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.sip.SipWebSocketSettings;
import org.linescribe.gateway.sip.ZoneServer;
import org.linescribe.gateway.tls.TlsSettings;
import org.linescribe.session.calls.TrunkStatus;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.TestCertificate;
import org.linescribe.testsupport.Tool;

/** Asks peers over real sockets whether they are there. */
class TrunkProbesTest {
  private static final Duration OFTEN = Duration.ofSeconds(5);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private SipServer server;
  private TrunkProbes probes;

  @AfterEach
  void stop() {
    if (probes != null) {
      probes.close();
      server.close();
    }
  }

  private static Trunk trunk(String name, String options) {
    return TestTrunk.of(
        name,
        Map.of("addresses", List.of("192.0.2.1"), "options", options, "optionsInterval", OFTEN));
  }

  private void start(String dns, Trunk... trunks) throws Exception {
    start(SipListeners.of(SipSettings.on("127.0.0.1:0")), dns, trunks);
  }

  private void start(SipListeners listeners, String dns, Trunk... trunks) throws Exception {
    server =
        new SipServer(
            listeners,
            (dialog, invite) -> invite.reject(SipRefusal.of(486, "Busy Here")),
            registry,
            new RequestFailover(new SipLocator(dns), Duration.ofMillis(500)));
    server.start();
    LineSettings settings =
        SettingsDefaults.of(LineSettings.class, Map.of("trunks", List.of(trunks)));
    probes = new TrunkProbes(settings, server.client(), registry, Clock.systemUTC());
    probes.start();
  }

  private TrunkStatus.Peer awaitPeer(String trunk) {
    await().until(() -> probes.peer(trunk).isPresent());
    return probes.peer(trunk).orElseThrow();
  }

  private double up(String trunk) {
    return registry.get("linescribe.trunk.up").tag("trunk", trunk).gauge().value();
  }

  /** What answers is there, whatever it thinks of the question. */
  @ParameterizedTest
  @CsvSource({"200, true", "404, true", "405, true", "403, true", "503, false"})
  void aPeerThatAnswersIsUp(int status, boolean isUp) throws Exception {
    try (AnsweringPeer peer = new AnsweringPeer(status)) {
      start("", trunk("carrier", "sip:127.0.0.1:" + peer.port()));

      TrunkStatus.Peer known = awaitPeer("carrier");

      assertThat(known.isUp()).isEqualTo(isUp);
      assertThat(known.code()).isEqualTo(status);
      assertThat(up("carrier")).isEqualTo(isUp ? 1 : 0);
      assertThat(peer.requests().getFirst())
          .startsWith("OPTIONS sip:127.0.0.1:" + peer.port() + " SIP/2.0\r\n")
          .contains("\r\nTo: <sip:127.0.0.1:" + peer.port() + ">\r\n")
          .contains("\r\nFrom: <sip:linescribe@127.0.0.1:")
          .contains("\r\nContact: <sip:linescribe@127.0.0.1:")
          .contains("\r\nAccept: application/sdp\r\n")
          .contains("\r\nMax-Forwards: 70\r\n");
      assertThat(
              probes.with(new TrunkStatus("carrier", 1, 2, 3, Optional.empty(), Optional.empty())))
          .isEqualTo(new TrunkStatus("carrier", 1, 2, 3, Optional.empty(), Optional.of(known)));
    }
  }

  @Test
  void tellsWhenAPeerGoesDownAndComesBack() throws Exception {
    try (AnsweringPeer peer = new AnsweringPeer(200)) {
      start("", trunk("carrier", "sip:127.0.0.1:" + peer.port()));
      TrunkStatus.Peer first = awaitPeer("carrier");
      assertThat(first.isUp()).isTrue();

      peer.status(503);
      await().until(() -> !awaitPeer("carrier").isUp());
      assertThat(awaitPeer("carrier").since()).isAfter(first.since());
      assertThat(up("carrier")).isZero();

      peer.status(200);
      await().until(() -> awaitPeer("carrier").isUp());
      TrunkStatus.Peer second = awaitPeer("carrier");
      int asked = peer.requests().size();
      await().until(() -> peer.requests().size() > asked + 1);
      assertThat(awaitPeer("carrier").since()).as("since it is up").isEqualTo(second.since());
    }
  }

  @Test
  void aPeerThatTakesNoConnectionIsDown() throws Exception {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    start("", trunk("carrier", "sip:127.0.0.1:" + closed + ";transport=tcp"));

    assertThat(awaitPeer("carrier")).extracting("isUp", "code").containsExactly(false, 408);
  }

  /** The first of a name's servers answers nothing: the second is asked, and stays the first. */
  @Test
  void findsThePeerAsARegistrarIsFound() throws Exception {
    try (AnsweringPeer dead = new AnsweringPeer(0);
        AnsweringPeer alive = new AnsweringPeer(200);
        ZoneServer dns =
            new ZoneServer(
                "_sip._udp.sbc.test. 60 IN SRV 10 0 "
                    + dead.port()
                    + " localhost.\n_sip._udp.sbc.test. 60 IN SRV 20 0 "
                    + alive.port()
                    + " localhost.\n")) {
      start(dns.address(), trunk("carrier", "sip:sbc.test"));
      assertThat(awaitPeer("carrier").isUp()).isTrue();
      assertThat(dead.requests()).isNotEmpty();

      int dyingRequests = dead.requests().size();
      await().until(() -> alive.requests().size() >= 3);
      assertThat(dead.requests().stream().map(r -> r.split("branch=")[1].split("[;\r]")[0]))
          .as("not asked again, whatever is still repeated")
          .hasSizeGreaterThanOrEqualTo(dyingRequests)
          .containsOnly(dead.requests().getFirst().split("branch=")[1].split("[;\r]")[0]);
    }
  }

  /** The server's own name is another, and its address in no certificate. */
  @ParameterizedTest
  @CsvSource({"sbc.test, true", "localhost, false"})
  @NeedsTool(Tool.OPENSSL)
  void aPeerOverTlsIsKnownByTheNameOfItsUri(String certified, boolean isUp, @TempDir Path folder)
      throws Exception {
    TestCertificate certificate = TestCertificate.make(folder, "peer", "DNS:" + certified);
    SSLContext context = TestCertificate.client(certificate, certificate);
    try (ServerSocket socket =
            context
                .getServerSocketFactory()
                .createServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
        ZoneServer dns =
            new ZoneServer(
                "_sips._tcp.sbc.test. 60 IN SRV 0 0 " + socket.getLocalPort() + " localhost.\n")) {
      Thread.ofPlatform().daemon().start(() -> answer(socket));
      Map<String, Object> tls =
          Map.of(
              "bind",
              "127.0.0.1:0",
              "certificate",
              certificate.certificate().toString(),
              "key",
              certificate.key().toString(),
              "authorities",
              certificate.certificate().toString());
      start(
          new SipListeners(
              SipSettings.on("127.0.0.1:0"),
              SettingsDefaults.of(TlsSettings.class, tls),
              new SipWebSocketSettings("", "", List.of())),
          dns.address(),
          trunk("carrier", "sip:sbc.test;transport=tls"));

      assertThat(awaitPeer("carrier").isUp()).isEqualTo(isUp);
    }
  }

  /** Says 200 to the first request of each connection. */
  private static void answer(ServerSocket socket) {
    while (!socket.isClosed()) {
      try (Socket connection = socket.accept();
          BufferedReader in =
              new BufferedReader(
                  new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
        StringBuilder answer = new StringBuilder("SIP/2.0 200 OK\r\n");
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
          if (line.matches("(?i)(via|from|to|call-id|cseq):.*")) {
            answer.append(line).append("\r\n");
          }
        }
        answer.append("Content-Length: 0\r\n\r\n");
        connection.getOutputStream().write(answer.toString().getBytes(StandardCharsets.UTF_8));
        in.read();
      } catch (IOException e) {
        // The handshake failed, or the test is over.
        continue;
      }
    }
  }

  @Test
  void nobodyIsAskedWhereTheSettingIsAbsent() throws Exception {
    try (AnsweringPeer peer = new AnsweringPeer(200)) {
      start(
          "",
          TestTrunk.of("quiet", Map.of("addresses", List.of("127.0.0.1"))),
          trunk("asked", "sip:127.0.0.1:" + peer.port()));

      awaitPeer("asked");
      assertThat(probes.peer("quiet")).isEmpty();
      assertThat(registry.find("linescribe.trunk.up").tag("trunk", "quiet").gauge()).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.1", "sip:", "sip:x@192.0.2.1", "sip:a b", "tel:1"})
  void refusesWhatNamesNoPeer(String options) {
    assertThatThrownBy(() -> trunk("a", options))
        .hasMessageContaining("linescribe.line.trunks.options: '" + options + "'");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 4, 3601})
  void refusesAnIntervalOutsideOfItsRange(long seconds) {
    assertThatThrownBy(
            () ->
                TestTrunk.of(
                    "a",
                    Map.of(
                        "addresses",
                        List.of("192.0.2.1"),
                        "options",
                        "sip:192.0.2.1",
                        "optionsInterval",
                        Duration.ofSeconds(seconds))))
        .hasMessageContaining("linescribe.line.trunks.options-interval");
  }
}
