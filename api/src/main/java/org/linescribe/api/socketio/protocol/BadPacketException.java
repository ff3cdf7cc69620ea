package org.linescribe.api.socketio.protocol;

/** What a client sent is not of the protocol; its connection is closed. */
final class BadPacketException extends Exception {
  private static final long serialVersionUID = 1L;

  BadPacketException(String what) {
    super(what);
  }
}
