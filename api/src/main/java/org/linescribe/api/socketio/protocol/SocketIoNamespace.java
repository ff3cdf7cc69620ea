package org.linescribe.api.socketio.protocol;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/** The one namespace that a server offers. */
public interface SocketIoNamespace {
  /** As clients write it: {@code /streaming}. */
  String name();

  /**
   * A client asks to join. May block.
   *
   * @throws RefusedClientException answered as CONNECT_ERROR; the connection goes on
   */
  Member join(SocketIoClient client) throws RefusedClientException;

  /** A client that has joined. One call at a time, on virtual threads; may block. */
  interface Member {
    /** The id of the client in this namespace. */
    String sid();

    /** The client has been told that it is connected. */
    void connected() throws InterruptedException;

    void event(Event event) throws InterruptedException;

    /** The client has left the namespace or is gone. Called once, last. */
    void left();
  }

  /**
   * An event of a client.
   *
   * @param arguments what follows the name
   * @param attachments the binary messages that arguments refer to
   * @param acknowledgement the number under which the client wants an answer
   */
  record Event(
      String name,
      List<JsonNode> arguments,
      List<byte[]> attachments,
      OptionalLong acknowledgement) {
    /** The attachment that a placeholder stands for. */
    public Optional<byte[]> attachment(JsonNode placeholder) {
      int number = placeholder.path("num").asInt(-1);
      return placeholder.path("_placeholder").asBoolean(false)
              && number >= 0
              && number < attachments.size()
          ? Optional.of(attachments.get(number))
          : Optional.empty();
    }
  }

  /** A client may not join. */
  final class RefusedClientException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Map<String, Object> data;

    /**
     * @param data what a program can read of the reason, or empty
     */
    public RefusedClientException(String message, Map<String, Object> data) {
      super(message);
      this.data = data;
    }

    Map<String, Object> data() {
      return data;
    }
  }
}
