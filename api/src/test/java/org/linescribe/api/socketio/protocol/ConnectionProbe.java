package org.linescribe.api.socketio.protocol;

/** Shows the tests of the API a connection's state that no client sees. */
public record ConnectionProbe(EngineServer server, String id) {
  private EngineConnection connection() {
    return server.find(id).orElseThrow();
  }

  public boolean isOpen() {
    return connection().transport().isOpen();
  }

  /** Whether a packet is being handled. */
  public boolean isHandling() {
    return connection().isHandling();
  }

  /** Whether a sender waits for the client to read. */
  public boolean isBlocked() {
    return connection().transport().isBlocked();
  }
}
