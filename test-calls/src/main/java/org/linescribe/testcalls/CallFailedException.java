package org.linescribe.testcalls;

import java.util.Optional;

/** A call that could not be placed or broke. The message says what failed and what to do next. */
public final class CallFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** How it failed. */
  public enum Kind {
    /** Nobody answers there, or nobody can be asked. */
    UNREACHABLE,
    /** It answered no. */
    REFUSED,
    /** It began, and broke. */
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

  /**
   * The status of the refusal (SIP's, HTTP's, or a WebSocket's close code), 0 where there is none.
   */
  public int status() {
    return status;
  }

  /** Seconds after which it may be tried again, where the peer told. */
  public Optional<Integer> retryAfterS() {
    return retryAfterS < 0 ? Optional.empty() : Optional.of(retryAfterS);
  }
}
