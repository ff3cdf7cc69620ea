package org.linescribe.session.lease;

import org.linescribe.session.SessionId;

/** A newer source took the session while this one was still waiting for it. */
public final class LeaseLostException extends Exception {
  private static final long serialVersionUID = 1L;

  public LeaseLostException(SessionId sessionId) {
    super("session " + sessionId + ": taken by a newer source");
  }
}
