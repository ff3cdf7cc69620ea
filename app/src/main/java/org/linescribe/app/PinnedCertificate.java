package org.linescribe.app;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts one certificate as a server's, whatever its name, its issuer and its dates: for a program
 * that connects to itself by an address which its certificate does not name.
 *
 * <p>The JDK checks no host name where an {@link X509ExtendedTrustManager} decides. Thread: any.
 */
final class PinnedCertificate extends X509ExtendedTrustManager {
  private final Supplier<X509Certificate> pinned;

  private PinnedCertificate(Supplier<X509Certificate> pinned) {
    this.pinned = pinned;
  }

  /**
   * For connections that we open.
   *
   * @param pinned asked in each handshake
   */
  static SSLContext context(Supplier<X509Certificate> pinned) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new PinnedCertificate(pinned)}, null);
      return context;
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    if (!chain[0].equals(pinned.get())) {
      throw new CertificateException("the server presents another certificate than this gateway's");
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("no client is trusted by this");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
