package org.linescribe.gateway.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.linescribe.gateway.call.RawSipPeer.Message;
import org.linescribe.gateway.sip.SipListeners;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.sip.SipWebSocketSettings;
import org.linescribe.gateway.tls.TlsSettings;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.NeedsTool;
import org.linescribe.testsupport.TestCertificate;
import org.linescribe.testsupport.Tool;

/** Calls over TLS and WebSocket, by the JDK's own clients. */
@NeedsTool(Tool.OPENSSL)
class SecureTransportTest extends CalledGateway {
  @TempDir static Path folder;
  private static TestCertificate first;
  private static TestCertificate second;

  private TlsSettings.ClientCertificate asked = TlsSettings.ClientCertificate.NONE;
  private TestCertificate served;

  @BeforeAll
  static void makeCertificates() throws Exception {
    first = TestCertificate.make(folder, "first");
    second = TestCertificate.make(folder, "second");
  }

  @Override
  SipListeners listeners() {
    served =
        new TestCertificate(folder.resolve("served-cert.pem"), folder.resolve("served-key.pem"));
    try {
      serve(first);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    TlsSettings tls =
        SettingsDefaults.of(
            TlsSettings.class,
            Map.of(
                "bind",
                "127.0.0.1:0",
                "certificate",
                served.certificate().toString(),
                "key",
                served.key().toString(),
                "authorities",
                second.certificate().toString(),
                "clientCertificate",
                asked,
                "reloadInterval",
                Duration.ofSeconds(1)));
    return new SipListeners(
        SipSettings.on("127.0.0.1:0"),
        tls,
        new SipWebSocketSettings(
            "127.0.0.1:0", "127.0.0.1:0", List.of("https://phone.example.com")));
  }

  private void serve(TestCertificate certificate) throws IOException {
    Files.copy(certificate.key(), served.key(), StandardCopyOption.REPLACE_EXISTING);
    Files.copy(
        certificate.certificate(), served.certificate(), StandardCopyOption.REPLACE_EXISTING);
    // A change that a clock of whole seconds would not show.
    Files.setLastModifiedTime(
        served.certificate(), FileTime.fromMillis(System.currentTimeMillis() + 60_000));
  }

  private StreamWire tls(TestCertificate own) throws Exception {
    return new StreamWire(address("tls"), TestCertificate.client(own, first, second));
  }

  private SipWire wire(String transport) throws Exception {
    SSLContext context =
        transport.equals("ws") ? null : TestCertificate.client(null, first, second);
    return transport.equals("tls")
        ? new StreamWire(address("tls"), context)
        : new WebSocketWire(address(transport), context, "");
  }

  private InetSocketAddress address(String transport) {
    return gateway.address(transport).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({"tls,tls", "ws,ws", "wss,ws"})
  void takesACallAndItsBye(String transport, String contactTransport) throws Exception {
    try (RawSipPeer caller = new RawSipPeer(address(transport), wire(transport))) {
      Message ok = caller.call("");

      assertThat(ok.status()).isEqualTo(200);
      assertThat(ok.header("Contact").orElseThrow())
          .contains(":" + address(transport).getPort() + ";transport=" + contactTransport);
      assertThat(sessions.only().request.attributes()).containsEntry("transport", transport);
      assertThat(caller.exchange("BYE", "", "").status()).isEqualTo(200);
      awaitEnd("bye");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tls", "ws", "wss"})
  void hangsUpOnTheConnectionThatTheCallerOpened(String transport) throws Exception {
    try (RawSipPeer caller = new RawSipPeer(address(transport), wire(transport))) {
      caller.call("");
      Thread drain = Thread.ofVirtual().start(() -> drainGateway());

      Message bye = caller.awaitRequest("BYE");
      caller.ok(bye);
      drain.join();

      assertThat(bye.header("Via").orElseThrow())
          .startsWith("SIP/2.0/" + transport.toUpperCase() + " ");
      awaitEnd("draining");
    }
  }

  /** No fault of the gateway's: a page that is closed, a flood whose connections are cut. */
  @Test
  void endsACallWhoseConnectionIsCutBeforeTheAnswerAsThePeersLoss() throws Exception {
    CountDownLatch cut = new CountDownLatch(1);
    sessions.beforeOpening(() -> awaitUninterrupted(cut));
    try (RawSipPeer caller = new RawSipPeer(address("ws"), wire("ws"))) {
      caller.send(caller.request("INVITE", "", caller.sdp()));
      await().until(() -> openCalls() == 1);
    }
    await().until(() -> registry.get("linescribe.sip.connections").gauge().value() == 0);
    cut.countDown();

    awaitEnd("peer-lost");
    assertThat(registry.counter("linescribe.call.outcomes", "outcome", "peer-lost").count())
        .isEqualTo(1);
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void drainGateway() {
    try {
      gateway.drain(Duration.ofSeconds(60));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void refusesAPeerWithoutTheCertificateThatIsRequired() throws Exception {
    asked = TlsSettings.ClientCertificate.REQUIRED;
    restart(settings(10, Duration.ofSeconds(60), Duration.ofSeconds(60)));

    assertThatThrownBy(
            () -> {
              // TLS 1.3 tells the client of its missing certificate behind the handshake.
              try (StreamWire wire = tls(null)) {
                wire.receive(60_000);
              }
            })
        .isInstanceOf(IOException.class);
    assertThatThrownBy(
            () -> {
              try (StreamWire wire = tls(first)) {
                wire.receive(60_000);
              }
            })
        .isInstanceOf(IOException.class);
    try (RawSipPeer caller = new RawSipPeer(address("tls"), tls(second))) {
      assertThat(caller.call("").status()).isEqualTo(200);
    }
    await()
        .untilAsserted(
            () ->
                assertThat(
                        registry.counter("linescribe.sip.defects", "kind", "tls_handshake").count())
                    .isEqualTo(2));
  }

  @Test
  void usesAChangedCertificateForNewConnections() throws Exception {
    try (RawSipPeer caller = new RawSipPeer(address("tls"), tls(null))) {
      caller.call("");
      Files.writeString(served.certificate(), "-----BEGIN CERTIFICATE-----\nhalf");
      serve(second);

      await()
          .untilAsserted(
              () -> {
                try (StreamWire wire = tls(null)) {
                  assertThat(wire.certificate()).isEqualTo(second.read());
                }
              });
      assertThat(caller.exchange("BYE", "", "").status()).isEqualTo(200);
    }
  }

  @Test
  void refusesAPageOfAForeignOrigin() throws Exception {
    assertThatThrownBy(() -> new WebSocketWire(address("ws"), null, "https://evil.example.com"))
        .hasMessageContaining("WebSocketHandshakeException");
    assertThatThrownBy(() -> new WebSocketWire(address("ws"), null, "", ""))
        .hasMessageContaining("WebSocketHandshakeException");
    try (RawSipPeer caller =
        new RawSipPeer(
            address("ws"), new WebSocketWire(address("ws"), null, "https://phone.example.com"))) {
      assertThat(caller.call("").status()).isEqualTo(200);
    }
  }

  @Test
  void namesTheSettingOfAFileThatIsNoCertificate() throws Exception {
    Path rubbish = Files.writeString(folder.resolve("rubbish.pem"), "no certificate");
    assertStartIsRefused(
        rubbish, first.key(), "linescribe.sip.tls.certificate: '" + rubbish + "' (expected: ");
  }

  @Test
  void namesTheSettingOfAKeyThatIsAnotherCertificates() {
    assertStartIsRefused(
        first.certificate(),
        second.key(),
        "linescribe.sip.tls.key: '"
            + second.key()
            + "' (expected: the private key of the certificate)");
  }

  private void assertStartIsRefused(Path certificate, Path key, String message) {
    SipListeners listeners =
        new SipListeners(
            SipSettings.on("127.0.0.1:0"),
            TlsSettings.on("127.0.0.1:0", certificate.toString(), key.toString()),
            SipWebSocketSettings.off());

    try (SipGateway broken =
        new SipGateway(
            listeners,
            PatientRtp.settings(),
            CallSettings.defaults(),
            sessions,
            registry,
            java.time.Clock.systemUTC())) {
      assertThatThrownBy(broken::start)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(message);
    }
  }
}
