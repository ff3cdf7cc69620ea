package org.linescribe.gateway.dtls;

import java.io.IOException;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.Vector;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.ExporterLabel;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.UseSRTPData;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.srtp.SrtpKey;
import org.linescribe.gateway.srtp.SrtpKeys;
import org.linescribe.gateway.srtp.SrtpSuite;

/**
 * Both sides of a handshake: DTLS 1.2, forward-secret AEAD suites, the use_srtp extension, and the
 * peer's certificate by its fingerprint.
 *
 * <p>Thread: the handshake's. Source: RFC 5763 §5, RFC 5764 §4.
 */
final class DtlsPeers {
  private static final int[] CIPHER_SUITES = {
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    // Older DTLS libraries have no AEAD suite in DTLS.
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA
  };
  private static final int HANDSHAKE_TIMEOUT_MS = 30_000;

  private DtlsPeers() {}

  /** The use_srtp extension of a handshake, and the keys that come of it. */
  private static final class SrtpNegotiation {
    private final boolean isClient;
    private @Nullable SrtpSuite suite;
    private @Nullable SrtpKeys keys;

    SrtpNegotiation(boolean isClient) {
      this.isClient = isClient;
    }

    static UseSRTPData offer() {
      return new UseSRTPData(
          Arrays.stream(SrtpSuite.values())
              .mapToInt(SrtpSuite::dtlsProfile)
              .filter(profile -> profile != 0)
              .toArray(),
          TlsUtils.EMPTY_BYTES);
    }

    /** Takes the first suite of ours that the peer's extensions name. */
    void choose(@Nullable Hashtable<?, ?> extensions) throws IOException {
      UseSRTPData theirs = extensions == null ? null : TlsSRTPUtils.getUseSRTPExtension(extensions);
      int[] profiles = theirs == null ? new int[0] : theirs.getProtectionProfiles();
      suite =
          Arrays.stream(SrtpSuite.values())
              .filter(ours -> ours.dtlsProfile() != 0)
              .filter(ours -> Arrays.stream(profiles).anyMatch(p -> p == ours.dtlsProfile()))
              .findFirst()
              .orElseThrow(() -> new TlsFatalAlert(AlertDescription.handshake_failure));
    }

    @Nullable SrtpSuite suite() {
      return suite;
    }

    /** Source: RFC 5764 §4.2. */
    void complete(TlsContext context) {
      SrtpSuite chosen = suite;
      if (chosen == null) {
        return;
      }
      int key = chosen.keyBytes();
      int salt = chosen.saltBytes();
      byte[] material =
          context.exportKeyingMaterial(ExporterLabel.dtls_srtp, null, 2 * (key + salt));
      byte[] client = new byte[key + salt];
      byte[] server = new byte[key + salt];
      System.arraycopy(material, 0, client, 0, key);
      System.arraycopy(material, key, server, 0, key);
      System.arraycopy(material, 2 * key, client, key, salt);
      System.arraycopy(material, 2 * key + salt, server, key, salt);
      SrtpKey clients = new SrtpKey(chosen, client);
      SrtpKey servers = new SrtpKey(chosen, server);
      keys = isClient ? new SrtpKeys(clients, servers) : new SrtpKeys(servers, clients);
    }

    @Nullable SrtpKeys keys() {
      return keys;
    }
  }

  private static void check(DtlsFingerprint expected, @Nullable Certificate chain)
      throws IOException {
    if (chain == null
        || chain.isEmpty()
        || !expected.matches(chain.getCertificateAt(0).getEncoded())) {
      throw new TlsFatalAlert(AlertDescription.bad_certificate);
    }
  }

  /** Ours where the peer is active. */
  static final class Server extends DefaultTlsServer {
    private final DtlsIdentity identity;
    private final DtlsFingerprint expected;
    private final SrtpNegotiation srtp = new SrtpNegotiation(false);

    Server(DtlsIdentity identity, DtlsFingerprint expected) {
      super(identity.crypto());
      this.identity = identity;
      this.expected = expected;
    }

    @Nullable SrtpKeys keys() {
      return srtp.keys();
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
      return ProtocolVersion.DTLSv12.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
      return TlsUtils.getSupportedCipherSuites(getCrypto(), CIPHER_SUITES);
    }

    @Override
    public int getHandshakeTimeoutMillis() {
      return HANDSHAKE_TIMEOUT_MS;
    }

    @Override
    protected TlsCredentialedSigner getECDSASignerCredentials() throws IOException {
      TlsCredentialedSigner signer = identity.credentials(new TlsCryptoParameters(context), null);
      if (signer == null) {
        throw new TlsFatalAlert(AlertDescription.internal_error);
      }
      return signer;
    }

    @Override
    public CertificateRequest getCertificateRequest() {
      return new CertificateRequest(
          new short[] {ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign},
          TlsUtils.getDefaultSupportedSignatureAlgorithms(context),
          null);
    }

    @Override
    public void notifyClientCertificate(Certificate clientCertificate) throws IOException {
      check(expected, clientCertificate);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public void processClientExtensions(Hashtable extensions) throws IOException {
      super.processClientExtensions(extensions);
      srtp.choose(extensions);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Hashtable getServerExtensions() throws IOException {
      Hashtable extensions = super.getServerExtensions();
      SrtpSuite chosen = srtp.suite();
      if (chosen != null) {
        TlsSRTPUtils.addUseSRTPExtension(
            extensions, new UseSRTPData(new int[] {chosen.dtlsProfile()}, TlsUtils.EMPTY_BYTES));
      }
      return extensions;
    }

    @Override
    public void notifyHandshakeComplete() throws IOException {
      super.notifyHandshakeComplete();
      srtp.complete(context);
    }
  }

  /** Ours where the peer is passive. */
  static final class Client extends DefaultTlsClient {
    private final DtlsIdentity identity;
    private final DtlsFingerprint expected;
    private final SrtpNegotiation srtp = new SrtpNegotiation(true);

    Client(DtlsIdentity identity, DtlsFingerprint expected) {
      super(identity.crypto());
      this.identity = identity;
      this.expected = expected;
    }

    @Nullable SrtpKeys keys() {
      return srtp.keys();
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
      return ProtocolVersion.DTLSv12.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
      int[] suites = Arrays.copyOf(CIPHER_SUITES, CIPHER_SUITES.length + 2);
      // The peer's certificate may be of RSA; ours is asked for separately.
      suites[CIPHER_SUITES.length] = CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
      suites[CIPHER_SUITES.length + 1] = CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA;
      return TlsUtils.getSupportedCipherSuites(getCrypto(), suites);
    }

    @Override
    public int getHandshakeTimeoutMillis() {
      return HANDSHAKE_TIMEOUT_MS;
    }

    @Override
    @SuppressWarnings({"rawtypes", "unchecked"})
    public Hashtable getClientExtensions() throws IOException {
      Hashtable extensions = super.getClientExtensions();
      if (extensions == null) {
        extensions = new Hashtable();
      }
      TlsSRTPUtils.addUseSRTPExtension(extensions, SrtpNegotiation.offer());
      return extensions;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public void processServerExtensions(Hashtable extensions) throws IOException {
      super.processServerExtensions(extensions);
      srtp.choose(extensions);
    }

    @Override
    public TlsAuthentication getAuthentication() {
      return new TlsAuthentication() {
        @Override
        public void notifyServerCertificate(TlsServerCertificate server) throws IOException {
          check(expected, server.getCertificate());
        }

        @Override
        public @Nullable TlsCredentials getClientCredentials(CertificateRequest request)
            throws IOException {
          Vector<?> accepted = request.getSupportedSignatureAlgorithms();
          return identity.credentials(new TlsCryptoParameters(context), accepted);
        }
      };
    }

    @Override
    public void notifyHandshakeComplete() throws IOException {
      super.notifyHandshakeComplete();
      srtp.complete(context);
    }
  }
}
