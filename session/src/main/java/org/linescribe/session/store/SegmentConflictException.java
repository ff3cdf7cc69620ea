package org.linescribe.session.store;

import org.linescribe.session.SessionId;

/** The number is taken by another segment: whoever writes is not the session's writer any more. */
public final class SegmentConflictException extends Exception {
  private static final long serialVersionUID = 1L;

  public SegmentConflictException(SessionId sessionId, long seq) {
    super("session " + sessionId + ": number " + seq + " is taken by another segment");
  }
}
