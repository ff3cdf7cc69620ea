package org.linescribe.session;

import java.time.Duration;

/** A source or a reader was not admitted. Nothing that was admitted before is touched. */
public final class SessionRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** The limit on sessions, or the decoders are behind: 503 with Retry-After, 1013. */
    OVERLOADED,
    /** The gateway is shutting down: 503, 1001. */
    DRAINING,
    /** The last number of this session cannot be read now: 503, 1013. */
    STORE_UNAVAILABLE,
    /** The request asks for what does not exist (provider, language, rate): 4xx, 1008. */
    UNSUPPORTED,
    /** A source of another kind or owner has the session open, and keeps it: 409, 4009. */
    CONFLICT
  }

  private final Reason reason;
  private final Duration retryAfter;

  public SessionRefusedException(Reason reason, String message, Duration retryAfter) {
    super(message);
    this.reason = reason;
    this.retryAfter = retryAfter;
  }

  public Reason reason() {
    return reason;
  }

  public Duration retryAfter() {
    return retryAfter;
  }
}
