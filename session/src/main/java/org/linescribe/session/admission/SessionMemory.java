package org.linescribe.session.admission;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.linescribe.session.SessionId;

/**
 * The state of sessions that this node made or wrote lately, so that they can go on while the
 * database is down. Valid only as long as no other node held the session since, which the lease
 * shows.
 */
final class SessionMemory {
  private static final int REMEMBERED_SESSIONS = 10_000;

  /** The token of a session whose source is open: its next number is not known for sure. */
  static final long STILL_OPEN = -2;

  /**
   * @param nextSeq the number of the coming final
   * @param startedAt empty when no source has opened it yet
   * @param owner of the session; empty where nobody was identified
   * @param token of the grant under which this was true, 0 when there was none yet
   */
  record Known(
      long nextSeq,
      Optional<Instant> startedAt,
      long token,
      Optional<String> owner,
      List<String> legs,
      Map<String, String> attributes) {
    Known(long nextSeq, Optional<Instant> startedAt, long token) {
      this(nextSeq, startedAt, token, Optional.empty(), List.of(), Map.of());
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<SessionId, Known> sessions =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<SessionId, Known> eldest) {
          return size() > REMEMBERED_SESSIONS;
        }
      };

  void remember(SessionId sessionId, Known known) {
    lock.lock();
    try {
      sessions.put(sessionId, known);
    } finally {
      lock.unlock();
    }
  }

  void forget(SessionId sessionId) {
    lock.lock();
    try {
      sessions.remove(sessionId);
    } finally {
      lock.unlock();
    }
  }

  Optional<Known> recall(SessionId sessionId) {
    lock.lock();
    try {
      return Optional.ofNullable(sessions.get(sessionId));
    } finally {
      lock.unlock();
    }
  }
}
