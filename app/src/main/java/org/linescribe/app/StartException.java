package org.linescribe.app;

/** The gateway cannot start, for a reason that its operator can mend. The message says how. */
final class StartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartException(String message) {
    super(message);
  }

  StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
