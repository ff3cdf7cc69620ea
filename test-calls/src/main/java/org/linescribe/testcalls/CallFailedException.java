package org.linescribe.testcalls;

import java.util.Optional;

/** A call could not be placed, or failed. The message names the failure and the next step. */
public final class CallFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Kind of failure. */
  public enum Kind {
    /** The peer does not respond, or cannot be resolved. */
    UNREACHABLE,
    /** The peer refused. */
    REFUSED,
    /** The call failed after it was established. */
    BROKEN
  }

  private final Kind kind;
  private final int status;
  private final int retryAfterS;

  CallFailedException(Kind kind, String message) {
    this(kind, message, 0, -1);
  }

  CallFailedException(Kind kind, String message, int status, int retryAfterS) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.retryAfterS = retryAfterS;
  }

  public Kind kind() {
    return kind;
  }

  /** Status of the refusal (SIP, HTTP or WebSocket close code), 0 if none. */
  public int status() {
    return status;
  }

  /** Retry-After in seconds, if the peer sent one. */
  public Optional<Integer> retryAfterS() {
    return retryAfterS < 0 ? Optional.empty() : Optional.of(retryAfterS);
  }
}
