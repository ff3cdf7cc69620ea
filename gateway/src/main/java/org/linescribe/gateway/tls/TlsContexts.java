package org.linescribe.gateway.tls;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS contexts for both directions, made anew when one of their files changed. A file that
 * cannot be used (half written, another key) leaves the contexts as they are until it changes
 * again.
 *
 * <p>TLS 1.2 and 1.3, by the JDK's provider. Thread: any; the files are read at the start and by a
 * thread of its own. Source: RFC 5922, RFC 9325.
 */
public final class TlsContexts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TlsContexts.class);
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  private final TlsFiles files;
  private final ScheduledExecutorService watcher =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("linescribe-tls-files").factory());
  private volatile Contexts current;
  private List<Stamp> stamps;

  /**
   * @param certificate which the server presents
   */
  private record Contexts(SslContext server, SslContext client, X509Certificate certificate) {}

  private record Stamp(FileTime changed, long bytes) {}

  /**
   * Reads the files and begins to watch them.
   *
   * @param files with certificate and key
   * @throws IllegalArgumentException naming the setting whose file cannot be used
   */
  public TlsContexts(TlsFiles files) {
    this.files = files;
    this.stamps = stamps();
    this.current = read();
    long intervalMs = files.reloadInterval().toMillis();
    watcher.scheduleWithFixedDelay(this::reload, intervalMs, intervalMs, TimeUnit.MILLISECONDS);
  }

  /** For connections that peers open. */
  public SslContext server() {
    return current.server();
  }

  /** For connections that we open; presents our certificate when the peer asks for one. */
  public SslContext client() {
    return current.client();
  }

  /** Which peers that connect are presented now, without its chain. */
  public X509Certificate certificate() {
    return current.certificate();
  }

  private void reload() {
    List<Stamp> now = stamps();
    if (now.equals(stamps)) {
      return;
    }
    stamps = now;
    try {
      current = read();
      LOG.info("{}.certificate: read again, new connections use it", files.prefix());
    } catch (RuntimeException e) {
      LOG.warn("the former certificate stays in use: {}", e.getMessage());
    }
  }

  private List<Stamp> stamps() {
    List<Stamp> found = new ArrayList<>();
    for (String file : List.of(files.certificate(), files.key(), files.authorities())) {
      if (file.isBlank()) {
        continue;
      }
      try {
        Path path = Path.of(file);
        found.add(new Stamp(Files.getLastModifiedTime(path), Files.size(path)));
      } catch (IOException e) {
        found.add(new Stamp(FileTime.fromMillis(0), -1));
      }
    }
    return found;
  }

  private Contexts read() {
    File certificate = file(files.prefix() + ".certificate", files.certificate());
    File key = file(files.prefix() + ".key", files.key());
    SslContextBuilder server;
    SslContextBuilder client;
    try {
      server = SslContextBuilder.forServer(certificate, key);
      client = SslContextBuilder.forClient().keyManager(certificate, key);
    } catch (RuntimeException e) {
      throw refused(
          files.prefix() + ".certificate",
          files.certificate(),
          "a PEM certificate chain, with its PKCS#8 key in " + files.prefix() + ".key",
          e);
    }
    requirePair(certificate, key);
    if (!files.authorities().isBlank()) {
      File authorities = file(files.prefix() + ".authorities", files.authorities());
      try {
        server.trustManager(authorities);
        client.trustManager(authorities);
      } catch (RuntimeException e) {
        throw refused(files.prefix() + ".authorities", files.authorities(), "PEM certificates", e);
      }
    }
    ClientAuth asked =
        switch (files.clientCertificate()) {
          case NONE -> ClientAuth.NONE;
          case OPTIONAL -> ClientAuth.OPTIONAL;
          case REQUIRED -> ClientAuth.REQUIRE;
        };
    try {
      return new Contexts(
          server.sslProvider(SslProvider.JDK).protocols(PROTOCOLS).clientAuth(asked).build(),
          client.sslProvider(SslProvider.JDK).protocols(PROTOCOLS).build(),
          read(certificate));
    } catch (SSLException e) {
      throw refused(files.prefix() + ".key", files.key(), "the private key of the certificate", e);
    }
  }

  private X509Certificate read(File certificate) {
    try (InputStream in = Files.newInputStream(certificate.toPath())) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    } catch (IOException | GeneralSecurityException e) {
      throw refused(
          files.prefix() + ".certificate", files.certificate(), "a PEM certificate chain", e);
    }
  }

  private void requirePair(File certificate, File key) {
    @Nullable Exception cause = null;
    try {
      if (KeyPairCheck.belongTogether(certificate.toPath(), key.toPath())) {
        return;
      }
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      cause = e;
    }
    throw refused(
        files.prefix() + ".key", files.key(), "the private key of the certificate", cause);
  }

  private static File file(String setting, String name) {
    File file = new File(name);
    if (!file.isFile() || !file.canRead()) {
      throw refused(setting, name, "a file that the gateway can read", null);
    }
    return file;
  }

  /** The cause's text may quote the file's content: only its kind is told. */
  private static IllegalArgumentException refused(
      String setting, String value, String expected, @Nullable Exception e) {
    String kind = e == null ? "" : ": " + root(e).getClass().getSimpleName();
    return new IllegalArgumentException(
        setting + ": '" + value + "' (expected: " + expected + ")" + kind);
  }

  private static Throwable root(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  @Override
  public void close() {
    watcher.shutdownNow();
  }
}
