package org.linescribe.session.pipeline;

import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionOpenException;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.live.LiveTranscript;
import org.linescribe.session.outbox.DurableStore;
import org.linescribe.session.redis.RedisUnavailableException;

/**
 * Erases what database and Redis hold of a session that no source of this node has open.
 *
 * <p>Thread: any; blocks.
 */
record StoredSessionEraser(
    DurableStore store, SourceLease lease, LiveTranscript live, Clock clock) {
  /** The database last: whoever is told to ask again after a failure still finds the session. */
  OptionalLong erase(SessionId sessionId, boolean unended)
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

  private static SessionOpenException withoutEnd() {
    return new SessionOpenException(
        "the session has no end: it is open on another node, or its gateway was killed");
  }
}
