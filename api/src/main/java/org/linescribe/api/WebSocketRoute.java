package org.linescribe.api;

/**
 * Where a WebSocket door stands. A door declares one as a bean.
 *
 * @param pathPattern a Spring path pattern, "/ws/transcribe/{session_id}"; a variable of that name
 *     counts against the limit on sockets per session
 */
public record WebSocketRoute(String pathPattern, WebSocketDoor door) {
  /** The path variable that names the session, in all doors. */
  public static final String SESSION_ID = "session_id";
}
