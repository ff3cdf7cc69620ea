package org.linescribe.session.lease;

import java.time.Duration;
import org.linescribe.session.SessionId;

/**
 * Grants the right to number a session's finals, to one holder at a time.
 *
 * <p>Thread: any; {@link #acquire} and {@link Grant#holds} may wait for a network, within bounds.
 */
public interface SourceLease extends AutoCloseable {
  /**
   * Asks an older holder to finish, waits for its release, and takes the session; by force when the
   * holder does not release in time.
   *
   * @param claim only a request with the claim of an open holder takes the session from it
   * @param atMost how long the older holder may take to finish
   * @param onWanted called once when a newer source requests the session or has taken it by force;
   *     must not block
   * @throws LeaseConflictException when a holder with another claim has the session
   * @throws LeaseLostException when a still newer source took the session meanwhile
   */
  Grant acquire(SessionId sessionId, String claim, Duration atMost, Runnable onWanted)
      throws LeaseConflictException, LeaseLostException, InterruptedException;

  /**
   * Whether another node holds a session. May wait for a network; false where nobody can be asked.
   */
  boolean isHeldElsewhere(SessionId sessionId) throws InterruptedException;

  /**
   * Deletes what is kept of a session. May wait for a network.
   *
   * @return false when somebody holds it; nothing is deleted then
   */
  boolean forget(SessionId sessionId) throws InterruptedException;

  /** Whether leases are decided for all machines now; always so in process. */
  boolean isReachable();

  @Override
  void close();

  /** The right to write, until it is released or lost. */
  interface Grant {
    /** Grows with every grant of a session. */
    long token();

    /** Token of the grant before this one, 0 when there was none. */
    long previousToken();

    /** The highest number known to be durable before this grant, 0 when none is known. */
    long writtenSeq();

    /**
     * Asks before each number whether the right still holds. Where nobody can be asked the answer
     * is true: the store's unique key is the last guard.
     */
    boolean holds();

    /**
     * Asks as {@link #holds} does, and is true only where whoever decides for all machines said so
     * now; never of leases within one process.
     */
    boolean isConfirmed();

    /**
     * Records that a final is durable, perhaps only in this node's outbox, so that the next holder
     * does not use its number again. Does not wait.
     */
    void wrote(long seq);

    /** Gives the right back. Idempotent. */
    void release();
  }
}
