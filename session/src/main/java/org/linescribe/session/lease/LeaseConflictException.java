package org.linescribe.session.lease;

import org.linescribe.session.SessionId;

/** A source with another claim holds the session and keeps it. */
public final class LeaseConflictException extends Exception {
  private static final long serialVersionUID = 1L;

  public LeaseConflictException(SessionId sessionId) {
    super("session " + sessionId + ": held by a source of another kind or owner");
  }
}
