package org.linescribe.api.socketio.protocol;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.linescribe.api.websocket.WebSocketClose;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** A request is refused: as an HTTP answer by polling, as a close by WebSocket. */
final class EngineRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  /** The words and numbers with which Engine.IO servers refuse a request. */
  enum Reason {
    UNKNOWN_TRANSPORT("Transport unknown"),
    UNKNOWN_SESSION("Session ID unknown"),
    BAD_HANDSHAKE_METHOD("Bad handshake method"),
    BAD_REQUEST("Bad request"),
    FORBIDDEN("Forbidden"),
    UNSUPPORTED_VERSION("Unsupported protocol version");

    private final String message;

    Reason(String message) {
      this.message = message;
    }
  }

  private final HttpStatus status;
  private final transient Map<String, Object> details;

  EngineRefusal(HttpStatus status, String message, Map<String, Object> details) {
    super(message);
    this.status = status;
    this.details = details;
  }

  static EngineRefusal of(Reason reason) {
    return new EngineRefusal(
        HttpStatus.BAD_REQUEST,
        reason.message,
        Map.of("code", reason.ordinal(), "message", reason.message));
  }

  static EngineRefusal tryLater(String message) {
    return new EngineRefusal(HttpStatus.SERVICE_UNAVAILABLE, message, Map.of());
  }

  WebSocketClose close() {
    String message = String.valueOf(getMessage());
    return status == HttpStatus.SERVICE_UNAVAILABLE
        ? WebSocketClose.tryAgain(message, RETRY_AFTER)
        : WebSocketClose.badRequest(message);
  }

  Mono<ServerResponse> response() {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("error", String.valueOf(getMessage()));
    body.putAll(details);
    ServerResponse.BodyBuilder response =
        ServerResponse.status(status).contentType(MediaType.APPLICATION_JSON);
    if (status == HttpStatus.SERVICE_UNAVAILABLE) {
      response.header(HttpHeaders.RETRY_AFTER, Long.toString(RETRY_AFTER.toSeconds()));
    }
    return response.bodyValue(body);
  }
}
