package org.linescribe.session.pipeline;

import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpenException;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.admission.SourceErasure;
import org.linescribe.session.erasure.ErasureOrder;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.live.LiveTranscript;
import org.linescribe.session.outbox.DurableStore;
import org.linescribe.session.redis.RedisUnavailableException;

/**
 * Erases what database and Redis hold of a session, and what this node's sources do.
 *
 * <p>Thread: any; blocks.
 */
record StoredSessionEraser(
    SourceErasure sources,
    DurableStore store,
    SourceLease lease,
    LiveTranscript live,
    Clock clock) {
  /** As {@link SessionPipeline#erase}. */
  OptionalLong erase(SessionId sessionId, boolean unended)
      throws SessionOpenException, InterruptedException {
    return sources.erase(sessionId, () -> eraseStored(sessionId, unended));
  }

  /** The database last: whoever is told to ask again after a failure still finds the session. */
  private OptionalLong eraseStored(SessionId sessionId, boolean unended)
      throws SessionOpenException, InterruptedException {
    Instant now = clock.instant();
    Optional<SessionRecord> record = store.find(sessionId);
    if (record.isPresent() && record.get().endedAt().isEmpty() && !unended) {
      throw withoutEnd();
    }
    try {
      if (!lease.forget(sessionId)) {
        throw new SessionOpenException(
            "the session is open on another node, or was until a few seconds ago");
      }
      live.forget(sessionId);
    } catch (RedisUnavailableException down) {
      throw new StoreUnavailableException("Redis does not answer", down);
    }
    OptionalLong erased = store.erase(sessionId, unended, now);
    if (erased.isEmpty() && store.find(sessionId).isPresent()) {
      throw withoutEnd();
    }
    return erased;
  }

  /**
   * Deletes what this node wrote of a session that was erased elsewhere. A source of it that is
   * still open here is closed.
   *
   * @return whether another session of its id began since, which stays
   * @throws StoreUnavailableException when that is not possible yet
   */
  boolean eraseRest(ErasureOrder order) throws InterruptedException {
    SessionId sessionId = order.sessionId();
    sources.closeOlder(sessionId, order.at());
    store.eraseRest(sessionId, order.at());
    boolean isUsedAgain = store.find(sessionId).isPresent();
    try {
      // A source that missed the erasure took the lease again and published what it heard.
      if (!isUsedAgain && lease.forget(sessionId)) {
        live.forget(sessionId);
      }
    } catch (RedisUnavailableException down) {
      throw new StoreUnavailableException("Redis does not answer", down);
    }
    return isUsedAgain;
  }

  private static SessionOpenException withoutEnd() {
    return new SessionOpenException(
        "the session has no end: it is open on another node, or its gateway was killed");
  }
}
