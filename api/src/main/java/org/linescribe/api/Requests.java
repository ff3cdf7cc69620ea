package org.linescribe.api;

import java.util.Optional;
import org.linescribe.session.SessionId;
import org.springframework.web.reactive.function.server.ServerRequest;

/** What HTTP doors read from a request, refused with 400 in the same words everywhere. */
public final class Requests {
  private Requests() {}

  /** The path variable {@code session_id}. */
  public static SessionId sessionId(ServerRequest request) {
    return sessionId(request.pathVariable(WebSocketRoute.SESSION_ID));
  }

  /** A session id as a client wrote it. */
  public static SessionId sessionId(String value) {
    if (!SessionId.isValid(value)) {
      throw RefusedRequestException.badRequest(
          "session_id: "
              + value.length()
              + " characters (expected: 1 to 128 of A-Z a-z 0-9 . _ ~ -, not only dots)");
    }
    return new SessionId(value);
  }

  /** A whole number in a range, or the fallback when it is absent. */
  public static long number(
      ServerRequest request, String name, long lowest, long highest, long fallback) {
    return request
        .queryParam(name)
        .map(text -> number(name, text, lowest, highest))
        .orElse(fallback);
  }

  /** A whole number in a range. */
  public static long number(String name, String text, long lowest, long highest) {
    return parse(text)
        .filter(value -> value >= lowest && value <= highest)
        .orElseThrow(
            () ->
                RefusedRequestException.badRequest(
                    name + ": expected a whole number from " + lowest + " to " + highest));
  }

  private static Optional<Long> parse(String text) {
    try {
      return Optional.of(Long.parseLong(text));
    } catch (NumberFormatException notANumber) {
      return Optional.empty();
    }
  }
}
