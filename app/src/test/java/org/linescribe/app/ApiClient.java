package org.linescribe.app;

import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of a WebSocket API; Socket.IO packets are reported as the events that they carry. */
final class ApiClient implements WebSocket.Listener, AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final List<JsonNode> messages = new CopyOnWriteArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private final WebSocket socket;
  private volatile int closeCode;

  ApiClient(String uri) {
    socket = HTTP.newWebSocketBuilder().buildAsync(URI.create(uri), this).join();
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
    text.append(part);
    if (last) {
      int json = firstOf(text, '{', '[');
      if (json >= 0) {
        messages.add(JsonMapper.shared().readTree(text.substring(json)));
      }
      text.setLength(0);
    }
    from.request(1);
    return null;
  }

  private static int firstOf(StringBuilder text, char one, char other) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == one || text.charAt(i) == other) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closeCode = code;
    return null;
  }

  void send(byte[] bytes, int frameBytes) {
    for (int at = 0; at < bytes.length; at += frameBytes) {
      byte[] frame = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + frameBytes));
      socket.sendBinary(ByteBuffer.wrap(frame), true).join();
    }
  }

  void send(String message) {
    socket.sendText(message, true).join();
  }

  List<JsonNode> messages() {
    return List.copyOf(messages);
  }

  /** The first message of a kind, when it is there. */
  JsonNode awaitMessage(String what, Predicate<JsonNode> kind) {
    await(what)
        .failFast("told in the cause", () -> assertOpenUnless(find(kind).isPresent()))
        .until(() -> find(kind).isPresent());
    return find(kind).orElseThrow();
  }

  private Optional<JsonNode> find(Predicate<JsonNode> kind) {
    return messages.stream().filter(kind).findFirst();
  }

  /** The text of all finals so far, whatever their event is named. */
  String finals() {
    return String.join(
        " ",
        messages.stream()
            .map(message -> message.isArray() ? message.path(1) : message)
            .filter(
                message ->
                    message.path("type").asString("").equals("final")
                        || message.path("is_final").asBoolean(false))
            .map(message -> message.path("text").asString())
            .toList());
  }

  void awaitFinals(String words) {
    await("finals")
        .failFast("told in the cause", () -> assertOpenUnless(finals().equals(words)))
        .until(() -> finals().equals(words));
  }

  private void assertOpenUnless(boolean satisfied) {
    if (closeCode != 0 && !satisfied) {
      throw new AssertionError("closed with " + closeCode + " after " + messages);
    }
  }

  /** The gateway's close. */
  int awaitClose() {
    await("close").until(() -> closeCode != 0);
    return closeCode;
  }

  @Override
  public void close() {
    socket.abort();
  }
}
