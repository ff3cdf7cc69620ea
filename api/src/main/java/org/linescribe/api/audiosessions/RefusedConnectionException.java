package org.linescribe.api.audiosessions;

import java.util.Map;
import org.linescribe.api.websocket.WebSocketClose;

/** A client gets no session: a message that says why, then a close. */
final class RefusedConnectionException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Map<String, Object> body;
  private final transient WebSocketClose close;

  RefusedConnectionException(Map<String, Object> body, WebSocketClose close) {
    super(close.reason());
    this.body = body;
    this.close = close;
  }

  Map<String, Object> body() {
    return body;
  }

  WebSocketClose close() {
    return close;
  }
}
