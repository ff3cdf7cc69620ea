package org.linescribe.bench.load;

import java.net.URI;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.linescribe.bench.load.ApiLoad.Target;
import tools.jackson.databind.JsonNode;

/** A WebSocket whose messages are told with the time at which they came. */
final class Socket implements WebSocket.Listener {
  private static final String NORMAL = String.valueOf(WebSocket.NORMAL_CLOSURE);

  private final BiConsumer<JsonNode, Long> heard;
  private final StringBuilder text = new StringBuilder();

  /** Code and reason, or only the code where that is normal. */
  private final CompletableFuture<String> closed = new CompletableFuture<>();

  private final WebSocket socket;

  private Socket(Target target, String path, BiConsumer<JsonNode, Long> heard) {
    this.heard = heard;
    socket =
        target.client().newWebSocketBuilder().buildAsync(URI.create(target.ws(path)), this).join();
  }

  static Socket open(Target target, String path, BiConsumer<JsonNode, Long> heard) {
    return new Socket(target, path, heard);
  }

  WebSocket webSocket() {
    return socket;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
    text.append(part);
    if (last) {
      heard.accept(Clients.JSON.readTree(text.toString()), System.nanoTime());
      text.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed.complete(code == WebSocket.NORMAL_CLOSURE ? NORMAL : code + " " + reason);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closed.completeExceptionally(error);
  }

  /** Waits for the gateway's close; any other than 1000 counts as an error. */
  void awaitClose(Figures figures) throws InterruptedException {
    try {
      String close = closed.get(ApiLoad.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (!close.equals(NORMAL)) {
        figures.error("closed with " + close);
      }
    } catch (java.util.concurrent.ExecutionException broken) {
      figures.error("broken: " + broken.getCause());
    } catch (TimeoutException late) {
      figures.error("not closed in time");
    } finally {
      socket.abort();
    }
  }
}
