package org.linescribe.testsupport;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * A self-signed certificate, for 127.0.0.1 where no other name is given, and its key, made by
 * {@link Tool#OPENSSL}.
 */
public record TestCertificate(Path certificate, Path key) {

  public static TestCertificate make(Path folder, String name)
      throws IOException, InterruptedException {
    return make(folder, name, "IP:127.0.0.1");
  }

  /**
   * @param subjectAltName whom it names, as openssl writes it: {@code DNS:example.org}
   */
  public static TestCertificate make(Path folder, String name, String subjectAltName)
      throws IOException, InterruptedException {
    TestCertificate made =
        new TestCertificate(folder.resolve(name + "-cert.pem"), folder.resolve(name + "-key.pem"));
    ProgramRun.of(
            folder,
            List.of(
                Tool.OPENSSL.path(),
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "30",
                "-subj",
                "/CN=" + name,
                "-addext",
                "subjectAltName=" + subjectAltName,
                "-keyout",
                made.key().toString(),
                "-out",
                made.certificate().toString()))
        .succeeded();
    return made;
  }

  public Certificate read() throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(certificate)) {
      return CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  /** A client that trusts these, and presents its own certificate when it has one. */
  public static SSLContext client(@Nullable TestCertificate own, TestCertificate... trusted)
      throws IOException, GeneralSecurityException {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusting(trusted));
    KeyStore keys = empty();
    if (own != null) {
      String pem = Files.readString(own.key()).replaceAll("-----[A-Z ]+-----|\\s", "");
      PrivateKey key =
          KeyFactory.getInstance("EC")
              .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
      keys.setKeyEntry("own", key, new char[0], new Certificate[] {own.read()});
    }
    KeyManagerFactory keyManagers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keyManagers.init(keys, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  /** A key store that holds these as trusted. */
  public static KeyStore trusting(TestCertificate... trusted)
      throws IOException, GeneralSecurityException {
    KeyStore store = empty();
    for (TestCertificate one : trusted) {
      store.setCertificateEntry(one.certificate().toString(), one.read());
    }
    return store;
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }
}
