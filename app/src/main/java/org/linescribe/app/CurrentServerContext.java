package org.linescribe.app;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;
import org.linescribe.gateway.tls.TlsContexts;

/** For each new connection the server's context of that moment. Thread: any. */
final class CurrentServerContext extends SslContext {
  private final TlsContexts contexts;

  CurrentServerContext(TlsContexts contexts) {
    this.contexts = contexts;
  }

  @Override
  public boolean isClient() {
    return false;
  }

  @Override
  public List<String> cipherSuites() {
    return contexts.server().cipherSuites();
  }

  @Override
  @SuppressWarnings("deprecation") // Netty's abstract method.
  public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
    return contexts.server().applicationProtocolNegotiator();
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator allocator) {
    return contexts.server().newEngine(allocator);
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator allocator, String peerHost, int peerPort) {
    return contexts.server().newEngine(allocator, peerHost, peerPort);
  }

  @Override
  public SSLSessionContext sessionContext() {
    return contexts.server().sessionContext();
  }
}
