package org.linescribe.gateway.call;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/** SIP over WebSocket, by the JDK's client. */
final class WebSocketWire implements SipWire {
  private final HttpClient http;
  private final WebSocket socket;
  private final boolean secure;
  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

  /**
   * @param context null for ws
   * @param origin empty for none
   */
  WebSocketWire(InetSocketAddress gateway, SSLContext context, String origin) throws IOException {
    this(gateway, context, origin, "sip");
  }

  WebSocketWire(InetSocketAddress gateway, SSLContext context, String origin, String subprotocol)
      throws IOException {
    secure = context != null;
    HttpClient.Builder builder = HttpClient.newBuilder();
    if (secure) {
      builder.sslContext(context);
    }
    http = builder.build();
    WebSocket.Builder sockets = http.newWebSocketBuilder();
    if (!subprotocol.isEmpty()) {
      sockets.subprotocols(subprotocol);
    }
    if (!origin.isEmpty()) {
      sockets.header("Origin", origin);
    }
    URI uri = URI.create((secure ? "wss" : "ws") + "://127.0.0.1:" + gateway.getPort() + "/");
    try {
      socket = sockets.buildAsync(uri, new Listener()).join();
    } catch (CompletionException e) {
      http.close();
      throw new IOException(e.getCause());
    }
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        received.add(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  @Override
  public String transport() {
    return secure ? "WSS" : "WS";
  }

  /** A page knows no port of its own: RFC 7118 §5 has it say any. */
  @Override
  public int localPort() {
    return 9;
  }

  @Override
  public void send(byte[] message) {
    socket.sendText(new String(message, StandardCharsets.UTF_8), true).join();
  }

  @Override
  public Optional<String> receive(int limitMs) throws IOException {
    try {
      return Optional.ofNullable(received.poll(limitMs, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    socket.abort();
    http.shutdownNow();
  }
}
