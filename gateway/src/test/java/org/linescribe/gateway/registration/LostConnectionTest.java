package org.linescribe.gateway.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.linescribe.gateway.sip.AnsweringPeer;
import org.linescribe.gateway.sip.SipListeners;
import org.linescribe.gateway.sip.SipRefusal;
import org.linescribe.gateway.sip.SipServer;
import org.linescribe.gateway.sip.SipSettings;
import org.linescribe.gateway.sip.SipWebSocketSettings;
import org.linescribe.gateway.tls.TlsSettings;
import org.linescribe.session.calls.RegistrationStatus.State;
import org.linescribe.settings.SettingsDefaults;
import org.linescribe.testsupport.SipKit;

/**
 * A registrar whose connection fails is told at once: before the transaction with another one,
 * which answers nothing, is given up.
 */
class LostConnectionTest {
  @TempDir Path work;

  private enum Fault {
    TCP_REFUSED("tcp", false),
    TCP_CLOSED("tcp", true),
    TLS_REFUSED("tls", false),
    /** What answers speaks no TLS. */
    TLS_HANDSHAKE_FAILED("tls", true);

    private final String transport;
    private final boolean accepts;

    Fault(String transport, boolean accepts) {
      this.transport = transport;
      this.accepts = accepts;
    }
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void isToldBeforeTheTransactionEnds(Fault fault) throws Exception {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    Path keys =
        Path.of(
            new SipKit(work)
                .run(List.of(SipKit.script("tls_keys.sh")), Map.of(), 60)
                .output()
                .strip());
    SipListeners listeners =
        new SipListeners(
            SipSettings.on("127.0.0.1:0"),
            TlsSettings.on(
                "127.0.0.1:0",
                keys.resolve("cert.pem").toString(),
                keys.resolve("key.pem").toString()),
            SipWebSocketSettings.off());
    try (AnsweringPeer silent = new AnsweringPeer(0);
        Socket unheard = new Socket();
        ServerSocket broken = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      // Its port is taken, and nobody listens there.
      unheard.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = fault.accepts ? broken.getLocalPort() : unheard.getLocalPort();
      RegistrationSettings settings =
          settings(
              "sip:127.0.0.1:" + silent.port(),
              "sip:127.0.0.1:" + port + ";transport=" + fault.transport);
      Thread.startVirtualThread(() -> hangUp(broken));
      try (SipServer server =
          new SipServer(
              listeners,
              (dialog, invite) -> invite.reject(SipRefusal.of(486, "Busy Here")),
              registry,
              settings.failover())) {
        server.start();
        try (Registrations registrations =
            new Registrations(settings, server.client(), registry, Clock.systemUTC())) {
          registrations.start();

          await()
              .until(
                  () ->
                      registrations.states().size() == 2
                          && registrations.states().get(1).state() != State.REGISTERING);

          assertThat(registrations.states().get(0).state()).isEqualTo(State.REGISTERING);
        }
      }
    }
  }

  private static void hangUp(ServerSocket server) {
    try {
      while (true) {
        try (Socket client = server.accept()) {
          client.getOutputStream().write("no TLS here\r\n".getBytes(StandardCharsets.US_ASCII));
        }
      }
    } catch (SocketException closed) {
      // The test is over.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RegistrationSettings settings(String... registrars) {
    return SettingsDefaults.of(
        RegistrationSettings.class,
        Map.of(
            // No further request of it meets the first one's end.
            "retry",
            Duration.ofMinutes(10),
            "accounts",
            List.of(registrars).stream()
                .map(to -> new Account(to, "100", "127.0.0.1", null, "x", null, null))
                .toList()));
  }
}
