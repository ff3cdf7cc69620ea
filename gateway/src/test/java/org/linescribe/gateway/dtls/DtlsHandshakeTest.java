package org.linescribe.gateway.dtls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.linescribe.gateway.srtp.SrtpKeys;
import org.linescribe.gateway.srtp.SrtpSuite;

/** Both sides of a handshake, joined by a line that a test may disturb. */
class DtlsHandshakeTest {
  private final DtlsIdentity one = new DtlsIdentity();
  private final DtlsIdentity other = new DtlsIdentity();
  private final AtomicReference<DtlsHandshake> server = new AtomicReference<>();
  private final AtomicReference<DtlsHandshake> client = new AtomicReference<>();
  private final AtomicReference<SrtpKeys> servers = new AtomicReference<>();
  private final AtomicReference<SrtpKeys> clients = new AtomicReference<>();

  @AfterEach
  void close() {
    for (AtomicReference<DtlsHandshake> side : List.of(server, client)) {
      if (side.get() != null) {
        side.get().close();
      }
    }
  }

  private void begin(
      DtlsFingerprint serverExpects, DtlsFingerprint clientExpects, IntPredicate loses) {
    AtomicInteger sent = new AtomicInteger();
    server.set(
        DtlsHandshake.begin(
            one,
            serverExpects,
            false,
            datagram -> {
              if (!loses.test(sent.getAndIncrement())) {
                client.get().receive(datagram);
              }
            },
            servers::set));
    client.set(
        DtlsHandshake.begin(
            other,
            clientExpects,
            true,
            datagram -> {
              if (!loses.test(sent.getAndIncrement())) {
                server.get().receive(datagram);
              }
            },
            clients::set));
  }

  private void assertAgreed() {
    await().until(() -> servers.get() != null && clients.get() != null);
    assertThat(servers.get().send()).isEqualTo(clients.get().receive());
    assertThat(servers.get().receive()).isEqualTo(clients.get().send());
    assertThat(servers.get().send()).isNotEqualTo(servers.get().receive());
    assertThat(servers.get().send().suite()).isEqualTo(SrtpSuite.AEAD_AES_256_GCM);
  }

  @Test
  void agreesOnKeys() {
    begin(other.fingerprint(), one.fingerprint(), sent -> false);

    assertAgreed();
  }

  @Test
  void agreesThoughTheFirstDatagramsAreLost() {
    begin(other.fingerprint(), one.fingerprint(), sent -> sent == 0 || sent == 2);

    assertAgreed();
  }

  @Test
  void refusesAnotherCertificate() {
    AtomicInteger answered = new AtomicInteger();
    DtlsFingerprint wrong = new DtlsIdentity().fingerprint();
    begin(
        wrong,
        one.fingerprint(),
        sent -> {
          answered.incrementAndGet();
          return false;
        });

    // The server's alert comes behind the client's certificate.
    await().until(() -> answered.get() > 5);
    assertThat(servers.get()).isNull();
  }

  @Test
  void hearsThePeerAfterAStrangersRubbish() {
    begin(other.fingerprint(), one.fingerprint(), sent -> false);
    for (int i = 0; i < 20; i++) {
      server.get().receive(new byte[] {22, 1, 2, (byte) i});
    }

    assertAgreed();
  }

  @Test
  void takesTheBestFingerprintAndNoOldHash() {
    String sha256 = one.fingerprint().hex();
    String sha1 = sha256.substring(0, 59);

    assertThat(DtlsFingerprint.best(List.of("sha-1 " + sha1, "SHA-256 " + sha256.toLowerCase())))
        .contains(one.fingerprint());
    assertThat(DtlsFingerprint.best(List.of("sha-1 " + sha1, "sha-256 zz", "")))
        .isEqualTo(Optional.empty());
  }
}
