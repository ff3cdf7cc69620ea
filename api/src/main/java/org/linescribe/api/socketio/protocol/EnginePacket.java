package org.linescribe.api.socketio.protocol;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A packet of Engine.IO 4. As text it is a digit and its data; binary is itself in a WebSocket
 * message, and {@code b} and Base64 in a polling payload, whose packets are separated by 0x1E.
 *
 * <p>Source: the Engine.IO protocol, revision 4.
 */
sealed interface EnginePacket {
  char SEPARATOR = '\u001e';

  /** In the order of their digits. */
  enum Type {
    OPEN,
    CLOSE,
    PING,
    PONG,
    MESSAGE,
    UPGRADE,
    NOOP;

    String with(String data) {
      return ordinal() + data;
    }
  }

  /** Any packet but a binary message. */
  record Text(Type type, String data) implements EnginePacket {}

  /** A binary message. */
  record Binary(byte[] data) implements EnginePacket {}

  static EnginePacket text(String text) throws BadPacketException {
    int digit = text.isEmpty() ? -1 : text.charAt(0) - '0';
    if (digit < 0 || digit >= Type.values().length) {
      throw new BadPacketException("packet type");
    }
    return new Text(Type.values()[digit], text.substring(1));
  }

  /** The packets of a polling request. */
  static List<EnginePacket> payload(String payload) throws BadPacketException {
    List<EnginePacket> packets = new ArrayList<>();
    int at = 0;
    while (at <= payload.length()) {
      int end = payload.indexOf(SEPARATOR, at);
      if (end < 0) {
        end = payload.length();
      }
      String one = payload.substring(at, end);
      packets.add(one.startsWith("b") ? binary(one) : text(one));
      at = end + 1;
    }
    return packets;
  }

  private static Binary binary(String text) throws BadPacketException {
    try {
      return new Binary(Base64.getDecoder().decode(text.substring(1)));
    } catch (IllegalArgumentException notBase64) {
      throw new BadPacketException("Base64");
    }
  }
}
