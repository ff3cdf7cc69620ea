package org.linescribe.api;

import java.util.Optional;
import org.springframework.util.unit.DataSize;

/**
 * Where a WebSocket door stands. A door declares one as a bean.
 *
 * @param pathPattern a Spring path pattern, "/ws/transcribe/{session_id}"; a variable of that name
 *     counts against the limit on sockets per session
 * @param maxMessage this door's own bound on a message, or empty for {@link ApiSettings#maxMessage}
 * @param sharesPath whether a request that asks for no upgrade belongs to an HTTP route of the same
 *     path; otherwise it is answered with 400
 */
public record WebSocketRoute(
    String pathPattern, WebSocketDoor door, Optional<DataSize> maxMessage, boolean sharesPath) {
  /** The path variable that names the session, in all doors. */
  public static final String SESSION_ID = "session_id";

  public WebSocketRoute(String pathPattern, WebSocketDoor door, Optional<DataSize> maxMessage) {
    this(pathPattern, door, maxMessage, false);
  }

  public WebSocketRoute(String pathPattern, WebSocketDoor door) {
    this(pathPattern, door, Optional.empty());
  }
}
