package org.linescribe.session.admission;

import org.linescribe.session.SessionId;
import org.linescribe.session.StoreUnavailableException;

/** Completes an erasure that this node has still to execute. */
@FunctionalInterface
public interface PendingErasure {
  /** For a program that erases nothing. */
  PendingErasure NONE = _ -> {};

  /**
   * Returns when this node has nothing any more of a session that was erased.
   *
   * @throws StoreUnavailableException when that cannot be reached now
   */
  void complete(SessionId sessionId) throws InterruptedException;
}
