package org.linescribe.api.websocket;

/** What a WebSocket path does with the clients that come. */
@FunctionalInterface
public interface WebSocketEndpoint {
  /**
   * A client has connected. A client that asks for what cannot be given is closed with a code and a
   * reason, after the upgrade: a browser shows its page no HTTP status, only those two.
   *
   * <p>Thread: the peer's event loop; must not block.
   *
   * @return receives what the client sends
   */
  WebSocketReceiver connected(WebSocketPeer peer);
}
