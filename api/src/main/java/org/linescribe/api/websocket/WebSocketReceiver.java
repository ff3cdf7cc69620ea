package org.linescribe.api.websocket;

/**
 * Receives the messages of one WebSocket client, none while it has {@linkplain
 * WebSocketPeer#pauseReading paused} the peer: they wait, in memory up to a bound, then in TCP,
 * which holds the client back.
 *
 * <p>Thread: the peer's event loop, one call at a time; must not block. An exception that escapes
 * closes the socket with 1011 and is logged with its stack trace.
 */
public interface WebSocketReceiver {
  /** Discards everything: for a client that was refused. */
  WebSocketReceiver DISCARDING =
      new WebSocketReceiver() {
        @Override
        public void onBinary(byte[] bytes) {}

        @Override
        public void onText(String text) {}

        @Override
        public void onGone() {}
      };

  /**
   * A binary message, whole.
   *
   * @param bytes may be empty; the receiver's own
   */
  void onBinary(byte[] bytes);

  /** A text message, whole. */
  void onText(String text);

  /**
   * The client is gone, cleanly or not, or was closed by {@link WebSocketPeer#close}. Every message
   * that was received before has been delivered, unless this side closed; where the receiver has
   * paused, this waits for its resuming. Called once, last.
   */
  void onGone();
}
