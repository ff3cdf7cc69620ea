package org.linescribe.api.socketio.protocol;

import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * A packet of Socket.IO 5, but for its attachments.
 *
 * <pre>
 * type [attachments "-"] ["/" namespace ","] [acknowledgement] [JSON]
 * 51-/streaming,["audio_chunk",{"chunk":{"_placeholder":true,"num":0}}]
 * </pre>
 *
 * <p>Source: the Socket.IO protocol, revision 5.
 *
 * @param attachments binary messages that follow
 * @param acknowledgement the number under which the sender wants an answer
 * @param data missing where the packet has none
 */
record SocketPacket(
    Type type, int attachments, String namespace, OptionalLong acknowledgement, JsonNode data) {
  private static final int MAX_ATTACHMENTS = 16;
  private static final int MAX_DIGITS = 15;

  /** A refusal says the namespace again, and many may wait for a client that does not read. */
  private static final int MAX_NAMESPACE_LENGTH = 128;

  /** In the order of their digits. */
  enum Type {
    CONNECT,
    DISCONNECT,
    EVENT,
    ACK,
    CONNECT_ERROR,
    BINARY_EVENT,
    BINARY_ACK;

    boolean isBinary() {
      return this == BINARY_EVENT || this == BINARY_ACK;
    }

    /** The packet as an Engine.IO message. */
    String in(String namespace, String data) {
      return EnginePacket.Type.MESSAGE.with(ordinal() + namespace + "," + data);
    }
  }

  static SocketPacket parse(String text, JsonMapper json) throws BadPacketException {
    int kind = text.isEmpty() ? -1 : text.charAt(0) - '0';
    if (kind < 0 || kind >= Type.values().length) {
      throw new BadPacketException("Socket.IO packet type");
    }
    Type type = Type.values()[kind];
    int at = 1;
    int attachments = 0;
    if (type.isBinary()) {
      int dash = digitsEnd(text, at);
      if (dash == at || dash == text.length() || text.charAt(dash) != '-') {
        throw new BadPacketException("number of attachments");
      }
      long count = number(text, at, dash);
      if (count > MAX_ATTACHMENTS) {
        throw new BadPacketException("more than " + MAX_ATTACHMENTS + " attachments");
      }
      attachments = (int) count;
      at = dash + 1;
    }
    String namespace = "/";
    if (at < text.length() && text.charAt(at) == '/') {
      int comma = text.indexOf(',', at);
      int end = comma < 0 ? text.length() : comma;
      namespace = text.substring(at, end);
      int query = namespace.indexOf('?');
      namespace = query < 0 ? namespace : namespace.substring(0, query);
      at = comma < 0 ? end : comma + 1;
      if (namespace.length() > MAX_NAMESPACE_LENGTH) {
        throw new BadPacketException("namespace of " + namespace.length() + " characters");
      }
    }
    OptionalLong acknowledgement = OptionalLong.empty();
    int digits = digitsEnd(text, at);
    if (digits > at) {
      acknowledgement = OptionalLong.of(number(text, at, digits));
      at = digits;
    }
    return new SocketPacket(
        type, attachments, namespace, acknowledgement, json(text.substring(at), json));
  }

  private static int digitsEnd(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at;
  }

  private static long number(String text, int from, int to) throws BadPacketException {
    if (to - from > MAX_DIGITS) {
      throw new BadPacketException("number of " + (to - from) + " digits");
    }
    return Long.parseLong(text, from, to, 10);
  }

  private static JsonNode json(String text, JsonMapper json) throws BadPacketException {
    try {
      return text.isEmpty() ? MissingNode.getInstance() : json.readTree(text);
    } catch (JacksonException notJson) {
      throw new BadPacketException("JSON");
    }
  }
}
