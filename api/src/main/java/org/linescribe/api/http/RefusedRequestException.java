package org.linescribe.api.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRefusedException;
import org.springframework.http.HttpStatus;

/**
 * An HTTP request is answered with a status and {@code {"error": …}}. The message is for the
 * client's developer and holds no audio, transcript or secret.
 */
public final class RefusedRequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final HttpStatus status;
  private final transient Map<String, Object> details;
  private final transient Optional<Duration> retryAfter;

  public RefusedRequestException(HttpStatus status, String error) {
    this(status, error, Map.of());
  }

  /**
   * @param details further members of the body, snake_case
   */
  public RefusedRequestException(HttpStatus status, String error, Map<String, Object> details) {
    this(status, error, details, Optional.empty());
  }

  private RefusedRequestException(
      HttpStatus status, String error, Map<String, Object> details, Optional<Duration> retryAfter) {
    super(error);
    this.status = status;
    this.details = new LinkedHashMap<>(details);
    this.retryAfter = retryAfter;
  }

  public static RefusedRequestException badRequest(String error) {
    return new RefusedRequestException(HttpStatus.BAD_REQUEST, error);
  }

  public static RefusedRequestException notFound(String error) {
    return new RefusedRequestException(HttpStatus.NOT_FOUND, error);
  }

  /** 404 with the session's id beside the error. */
  public static RefusedRequestException notFound(String error, SessionId sessionId) {
    return new RefusedRequestException(HttpStatus.NOT_FOUND, error, idOf(sessionId));
  }

  public static RefusedRequestException sessionNotFound(SessionId sessionId) {
    return notFound("Session not found", sessionId);
  }

  public static RefusedRequestException conflict(String error) {
    return new RefusedRequestException(HttpStatus.CONFLICT, error);
  }

  /** 409 with the session's id beside the error. */
  public static RefusedRequestException conflict(String error, SessionId sessionId) {
    return new RefusedRequestException(HttpStatus.CONFLICT, error, idOf(sessionId));
  }

  private static Map<String, Object> idOf(SessionId sessionId) {
    return Map.of("session_id", sessionId.value());
  }

  /** 503 with Retry-After. */
  public static RefusedRequestException unavailable(String error, Duration retryAfter) {
    return new RefusedRequestException(
        HttpStatus.SERVICE_UNAVAILABLE, error, Map.of(), Optional.of(retryAfter));
  }

  /** 429 with Retry-After: one client asks for more than its share. */
  public static RefusedRequestException tooManyRequests(
      String error, Map<String, Object> details, Duration retryAfter) {
    return new RefusedRequestException(
        HttpStatus.TOO_MANY_REQUESTS, error, details, Optional.of(retryAfter));
  }

  public static RefusedRequestException of(SessionRefusedException refused) {
    return switch (refused.reason()) {
      case OVERLOADED, DRAINING, STORE_UNAVAILABLE ->
          unavailable(String.valueOf(refused.getMessage()), refused.retryAfter());
      case CONFLICT -> conflict(String.valueOf(refused.getMessage()));
      case UNSUPPORTED ->
          new RefusedRequestException(
              HttpStatus.UNPROCESSABLE_CONTENT, String.valueOf(refused.getMessage()));
    };
  }

  public HttpStatus status() {
    return status;
  }

  Map<String, Object> details() {
    return details;
  }

  public Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
