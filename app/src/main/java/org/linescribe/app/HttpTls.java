package org.linescribe.app;

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

  @Override
  public void close() {
    if (contexts != null) {
      contexts.close();
    }
  }
}
