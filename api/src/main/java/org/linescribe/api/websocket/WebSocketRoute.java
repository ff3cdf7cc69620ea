package org.linescribe.api.websocket;

import java.util.List;
import java.util.Optional;
import org.linescribe.api.http.ApiSettings;
import org.springframework.util.unit.DataSize;

/**
 * Where a WebSocket endpoint stands. An API declares one as a bean.
 *
 * @param pathPattern a Spring path pattern, "/ws/transcribe/{session_id}"; a variable of that name
 *     counts against the limit on sockets per session
 * @param maxMessage this API's own bound on a message, or empty for {@link ApiSettings#maxMessage}
 * @param sharesPath whether a request that asks for no upgrade belongs to an HTTP route of the same
 *     path; otherwise it is answered with 400
 * @param subProtocols one of them is agreed on where the client offers it; a client that offers
 *     none of them is served too
 */
public record WebSocketRoute(
    String pathPattern,
    WebSocketEndpoint endpoint,
    Optional<DataSize> maxMessage,
    boolean sharesPath,
    List<String> subProtocols) {
  public WebSocketRoute {
    subProtocols = List.copyOf(subProtocols);
  }

  public WebSocketRoute(
      String pathPattern, WebSocketEndpoint endpoint, Optional<DataSize> maxMessage) {
    this(pathPattern, endpoint, maxMessage, false, List.of());
  }

  public WebSocketRoute(String pathPattern, WebSocketEndpoint endpoint) {
    this(pathPattern, endpoint, Optional.empty());
  }

  /** The same, for clients that offer a sub-protocol. */
  public WebSocketRoute withSubProtocols(String... names) {
    return new WebSocketRoute(pathPattern, endpoint, maxMessage, sharesPath, List.of(names));
  }

  /** The same, where an HTTP route has the same path. */
  public WebSocketRoute sharingPath() {
    return new WebSocketRoute(pathPattern, endpoint, maxMessage, true, subProtocols);
  }
}
