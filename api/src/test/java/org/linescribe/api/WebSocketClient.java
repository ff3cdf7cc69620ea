package org.linescribe.api;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.testsupport.Patience;

/** The JDK's WebSocket client, with what came kept in order. */
public final class WebSocketClient implements WebSocket.Listener, AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** How the server closed. */
  public record Closed(int code, String reason) {}

  private final LinkedBlockingQueue<String> unread = new LinkedBlockingQueue<>();
  private final List<String> received = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Closed> closed = new CompletableFuture<>();
  private final StringBuilder text = new StringBuilder();
  private final boolean reads;
  private final WebSocket socket;

  private WebSocketClient(String uri, boolean reads, Consumer<WebSocket.Builder> upgrade) {
    this.reads = reads;
    WebSocket.Builder builder = HTTP.newWebSocketBuilder();
    upgrade.accept(builder);
    this.socket = builder.buildAsync(URI.create(uri), this).join();
  }

  public static WebSocketClient connect(String uri) {
    return connect(uri, _ -> {});
  }

  /** A client whose upgrade has headers or sub-protocols. */
  public static WebSocketClient connect(String uri, Consumer<WebSocket.Builder> upgrade) {
    return new WebSocketClient(uri, true, upgrade);
  }

  /** A client that asks for no message until {@link #read} is called. */
  public static WebSocketClient connectWithoutReading(String uri) {
    return new WebSocketClient(uri, false, _ -> {});
  }

  public void read(long messages) {
    socket.request(messages);
  }

  @Override
  public void onOpen(WebSocket opened) {
    if (reads) {
      opened.request(Long.MAX_VALUE);
    }
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
    text.append(part);
    if (last) {
      received.add(text.toString());
      unread.add(text.toString());
      text.setLength(0);
    }
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed.complete(new Closed(code, reason));
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closed.completeExceptionally(error);
  }

  public void send(byte[] bytes) {
    socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
  }

  public void sendPart(byte[] bytes, boolean last) {
    socket.sendBinary(ByteBuffer.wrap(bytes), last).join();
  }

  public void send(String message) {
    socket.sendText(message, true).join();
  }

  /** The sub-protocol that the server agreed on; empty where none. */
  public String subProtocol() {
    return socket.getSubprotocol();
  }

  public void ping() {
    socket.sendPing(ByteBuffer.wrap(new byte[] {1})).join();
  }

  /** The next message, in order. */
  public String next() throws InterruptedException {
    String message = unread.poll(Patience.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    if (message == null) {
      throw new AssertionError("no message within " + Patience.LIMIT + "; so far " + received);
    }
    return message;
  }

  public List<String> received() {
    return received;
  }

  public boolean isClosed() {
    return closed.isDone();
  }

  public Closed closed() {
    return closed.orTimeout(Patience.LIMIT.toMillis(), TimeUnit.MILLISECONDS).join();
  }

  /** Drops the connection without a word. */
  public void abort() {
    socket.abort();
  }

  /** Closes cleanly; idempotent. A close that the server began may have overtaken this one. */
  public void sayGoodbye() {
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").exceptionally(_ -> socket).join();
  }

  @Override
  public void close() {
    sayGoodbye();
  }
}
