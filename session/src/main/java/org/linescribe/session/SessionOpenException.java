package org.linescribe.session;

/** A session cannot be erased while it may still be written. */
public final class SessionOpenException extends Exception {
  private static final long serialVersionUID = 1L;

  public SessionOpenException(String message) {
    super(message);
  }
}
