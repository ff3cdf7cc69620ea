package org.linescribe.testcalls;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Connects the WebSocket clients with readable errors, and assembles text messages. */
final class WebSockets {
  static final int GOING_AWAY = 1001;
  static final int ABNORMAL = 1006;
  static final int TRY_AGAIN_LATER = 1013;
  static final CompletionStage<?> DONE = CompletableFuture.completedStage(null);

  private WebSockets() {}

  static WebSocket connect(
      HttpClient client,
      URI uri,
      Map<String, String> headers,
      WebSocket.Listener listener,
      Duration timeout)
      throws CallFailedException, InterruptedException {
    WebSocket.Builder builder = client.newWebSocketBuilder().connectTimeout(timeout);
    headers.forEach(builder::header);
    CompletableFuture<WebSocket> connecting = builder.buildAsync(uri, listener);
    try {
      return connecting.get(timeout.toMillis() + 1000, MILLISECONDS);
    } catch (ExecutionException e) {
      throw failure(uri, e.getCause());
    } catch (TimeoutException e) {
      connecting.cancel(true);
      throw new CallFailedException(
          CallFailedException.Kind.UNREACHABLE,
          "no answer from " + hostAndPort(uri) + " within " + timeout.toSeconds() + " s");
    }
  }

  private static CallFailedException failure(URI uri, Throwable cause) {
    if (cause instanceof WebSocketHandshakeException refused) {
      HttpResponse<?> response = refused.getResponse();
      int status = response.statusCode();
      int retryAfterS = (int) response.headers().firstValueAsLong("Retry-After").orElse(-1);
      String then =
          switch (status) {
            case 401, 403 ->
                ": it wants a key that it knows; give it by the environment's LINESCRIBE_KEY, or"
                    + " with --key";
            case 404 -> ": is the path right?";
            case 503 ->
                ": it is full"
                    + (retryAfterS < 0 ? "" : "; it says: try again after " + retryAfterS + " s");
            default -> "";
          };
      return new CallFailedException(
          CallFailedException.Kind.REFUSED,
          shown(uri) + " answered " + status + " instead of opening a WebSocket" + then,
          status,
          retryAfterS);
    }
    if (cause instanceof UnresolvedAddressException
        || cause.getCause() instanceof UnresolvedAddressException) {
      return new CallFailedException(
          CallFailedException.Kind.UNREACHABLE, "no such host: " + uri.getHost());
    }
    if (cause instanceof ConnectException) {
      return new CallFailedException(
          CallFailedException.Kind.UNREACHABLE,
          "nothing answers at "
              + hostAndPort(uri)
              + " (WebSocket): is `./linescribe serve` running?");
    }
    String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return new CallFailedException(
        CallFailedException.Kind.UNREACHABLE, "no WebSocket at " + shown(uri) + ": " + why);
  }

  /** An address for display, without its query, which may hold a key. */
  private static String shown(URI uri) {
    return uri.getScheme() + "://" + hostAndPort(uri) + uri.getRawPath();
  }

  /** HOST:PORT of an address. */
  static String hostAndPort(URI uri) {
    int port = uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("wss") ? 443 : 80;
    return uri.getHost() + ":" + port;
  }

  /** A close code and its reason, for display. */
  static String describe(int status, String reason) {
    return status + (reason.isEmpty() ? "" : " " + reason);
  }

  /** Assembles the frames of a text message. Thread: the client's, one call at a time. */
  abstract static class TextListener implements WebSocket.Listener {
    private static final int MAX_CHARS = 1 << 20;

    private final StringBuilder text = new StringBuilder();

    abstract void onMessage(String text);

    @Override
    public final CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      if (text.length() + data.length() > MAX_CHARS) {
        socket.abort();
        onError(
            socket,
            new IllegalStateException("a message of more than " + MAX_CHARS + " characters"));
        return DONE;
      }
      text.append(data);
      if (last) {
        String message = text.toString();
        text.setLength(0);
        onMessage(message);
      }
      socket.request(1);
      return DONE;
    }
  }
}
