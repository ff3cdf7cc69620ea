package org.linescribe.app.fleet;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A WebSocket to one gateway, as a careful client has it: it asks for a pong every second, and a
 * gateway that gives none for {@link #SILENCE} is gone. Thread: one sends; messages come on the
 * client's threads, one at a time.
 */
final class NodeSocket implements WebSocket.Listener, AutoCloseable {
  /** More than a loaded machine needs. */
  static final Duration SILENCE = Duration.ofSeconds(6);

  private static final ScheduledExecutorService CLOCK =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("pings").unstarted(task));
  private static final Duration CONNECT = Duration.ofSeconds(5);

  private final Consumer<String> onText;
  private final StringBuilder text = new StringBuilder();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private volatile boolean answered;
  private volatile long answeredNs = System.nanoTime();
  private WebSocket socket;

  private NodeSocket(Consumer<String> onText) {
    this.onText = onText;
  }

  /**
   * @throws IOException it is refused, or there is no answer
   */
  static NodeSocket connect(HttpClient client, URI uri, Consumer<String> onText)
      throws IOException, InterruptedException {
    NodeSocket made = new NodeSocket(onText);
    WebSocket.Builder builder = client.newWebSocketBuilder().connectTimeout(CONNECT);
    for (Map.Entry<String, String> header : Fleet.credentials().entrySet()) {
      builder.header(header.getKey(), header.getValue());
    }
    CompletableFuture<WebSocket> connecting = builder.buildAsync(uri, made);
    try {
      made.socket = connecting.get(CONNECT.toSeconds() + 1, TimeUnit.SECONDS);
    } catch (ExecutionException refused) {
      throw new IOException(refused.getCause());
    } catch (TimeoutException silent) {
      connecting.whenComplete(
          (late, _) -> {
            if (late != null) {
              late.abort();
            }
          });
      throw new IOException("no answer from " + uri.getAuthority(), silent);
    }
    ScheduledFuture<?> pings = CLOCK.scheduleAtFixedRate(made::ping, 1, 1, TimeUnit.SECONDS);
    made.closed.whenComplete((_, _) -> pings.cancel(false));
    return made;
  }

  private void ping() {
    if (System.nanoTime() - answeredNs > SILENCE.toNanos()) {
      end(CloseCode.SILENT);
    } else {
      // One that is still under way is no reason to say anything.
      socket.sendPing(ByteBuffer.allocate(0));
    }
  }

  /** Codes of ends that no close frame names. */
  static final class CloseCode {
    static final int BROKEN = 1006;
    static final int SILENT = -1;

    private CloseCode() {}
  }

  private void end(int code) {
    if (closed.complete(code)) {
      socket.abort();
    }
  }

  boolean isOpen() {
    return !closed.isDone();
  }

  /** The close code, or one of {@link CloseCode}. */
  int awaitClose() throws InterruptedException {
    try {
      return closed.get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Close code or {@link CloseCode}; only when it is not open. */
  int closeCode() {
    return closed.join();
  }

  /** Whether a message came; the server says nothing before the session is open. */
  boolean wasAnswered() {
    return answered;
  }

  /** Since the last sign of life of the gateway. */
  long silentMs() {
    return (System.nanoTime() - answeredNs) / 1_000_000;
  }

  /** Returns when the connection has taken it; false when there is none any more. */
  boolean send(byte[] message) throws InterruptedException {
    CompletableFuture<WebSocket> sending = socket.sendBinary(ByteBuffer.wrap(message), true);
    while (isOpen()) {
      try {
        sending.get(200, TimeUnit.MILLISECONDS);
        return true;
      } catch (TimeoutException held) {
        // By back-pressure, or by a peer that will be found silent.
      } catch (ExecutionException broken) {
        end(CloseCode.BROKEN);
      }
    }
    return false;
  }

  /** Says goodbye and waits for the peer's close. */
  void finish(Duration atMost) throws InterruptedException {
    try {
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(5, TimeUnit.SECONDS);
      closed.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException gone) {
      // Nothing more is expected of it.
    } finally {
      close();
    }
  }

  @Override
  public void close() {
    if (socket != null) {
      end(CloseCode.BROKEN);
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    answeredNs = System.nanoTime();
    answered = true;
    text.append(data);
    if (last) {
      String message = text.toString();
      text.setLength(0);
      onText.accept(message);
    }
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
    answeredNs = System.nanoTime();
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
    closed.complete(status);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closed.complete(CloseCode.BROKEN);
  }
}
