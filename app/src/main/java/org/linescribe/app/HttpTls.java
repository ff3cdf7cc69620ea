package org.linescribe.app;

import java.net.http.HttpClient;
import org.jspecify.annotations.Nullable;
import org.linescribe.gateway.tls.TlsContexts;
import reactor.netty.http.server.HttpServer;

/**
 * TLS of the HTTP server, or none.
 *
 * @param contexts owned; null: off
 */
record HttpTls(@Nullable TlsContexts contexts) implements AutoCloseable {
  HttpServer secure(HttpServer server) {
    TlsContexts given = contexts;
    return given == null
        ? server
        : server.secure(spec -> spec.sslContext(new CurrentServerContext(given)));
  }

  boolean isOn() {
    return contexts != null;
  }

  /** For connections of this program to its own server. */
  HttpClient ownClient() {
    TlsContexts given = contexts;
    return given == null
        ? HttpClient.newHttpClient()
        : HttpClient.newBuilder().sslContext(PinnedCertificate.context(given::certificate)).build();
  }

  @Override
  public void close() {
    if (contexts != null) {
      contexts.close();
    }
  }
}
