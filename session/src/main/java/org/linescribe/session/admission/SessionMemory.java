package org.linescribe.session.admission;

import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.lease.SourceLease;
import org.linescribe.session.outbox.DurableStore;
import org.linescribe.session.store.SegmentConflictException;
import org.linescribe.session.store.StoreWrite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where sessions go on. The state of those that this node made or wrote lately is remembered, so
 * that they can go on while the database is down; it is valid only as long as no other node held
 * the session since, which the lease shows.
 *
 * <p>Thread: any; what asks the store blocks.
 */
final class SessionMemory {
  private static final Logger LOG = LoggerFactory.getLogger(SessionMemory.class);
  private static final int REMEMBERED_SESSIONS = 10_000;

  /** The token of a session whose source is open: its next number is not known for sure. */
  private static final long STILL_OPEN = -2;

  /**
   * @param nextSeq the number of the coming final
   * @param startedAt empty when no source has opened it yet
   * @param openedAt when its newest source opened, by the clock of that source's node, or an
   *     earlier session of its id was erased
   * @param owner of the session; empty where nobody was identified
   * @param token of the grant under which this was true, 0 when there was none yet
   */
  record Known(
      long nextSeq,
      Optional<Instant> startedAt,
      Optional<Instant> openedAt,
      long token,
      Optional<String> owner,
      List<String> legs,
      Map<String, String> attributes) {
    /** Whether a source of this node was the last one. */
    boolean isOfThisNode() {
      return token != 0;
    }

    /** Of a session that no source has opened yet. */
    static Known made() {
      return new Known(
          1, Optional.empty(), Optional.empty(), 0, Optional.empty(), List.of(), Map.of());
    }

    /**
     * When a source that opens now is said to open. The store orders a session's sources and
     * erasures by these times, also where the clock of this node is behind that of the one before,
     * or was set back.
     */
    Instant openingAt(Instant now) {
      Instant at = now.truncatedTo(ChronoUnit.MICROS);
      return openedAt
          .filter(last -> !at.isAfter(last))
          .map(last -> last.plus(1, ChronoUnit.MICROS))
          .orElse(at);
    }
  }

  private final DurableStore store;
  private volatile PendingErasure erasure = PendingErasure.NONE;
  private final Map<SessionId, Known> sessions =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<SessionId, Known> eldest) {
          return size() > REMEMBERED_SESSIONS;
        }
      };

  SessionMemory(DurableStore store) {
    this.store = store;
  }

  void beforeReopening(PendingErasure pending) {
    erasure = pending;
  }

  /** The id is new: no store has to be asked for it. */
  void made(SessionId sessionId) {
    remember(sessionId, Known.made());
  }

  /**
   * Where a session goes on: as it was left here, or else as the store has it.
   *
   * @throws StoreUnavailableException when the store has to be asked and does not answer
   */
  Known known(SessionId sessionId, SourceLease.Grant grant) throws InterruptedException {
    Optional<Known> remembered = recall(sessionId);
    if (remembered.isPresent()) {
      Known here = remembered.get();
      boolean fresh = here.startedAt().isEmpty() && grant.previousToken() <= 0;
      if (fresh || here.token() == grant.previousToken()) {
        return here;
      }
    }
    erasure.complete(sessionId);
    Optional<SessionRecord> record = store.find(sessionId);
    return new Known(
        1 + store.lastSeq(sessionId),
        record.map(SessionRecord::startedAt),
        record.isPresent() ? store.lastOpening(sessionId) : store.erasedAt(sessionId),
        0,
        record.flatMap(SessionRecord::owner),
        record.map(SessionRecord::legs).orElse(List.of()),
        record.map(SessionRecord::attributes).orElse(Map.of()));
  }

  /** Stores the opening of a session's source; false where neither store nor outbox takes it. */
  boolean keepOpening(StoreWrite.Opened opened, Known known) {
    try {
      store.write(opened);
      remember(opened, known.nextSeq(), STILL_OPEN);
      return true;
    } catch (UncheckedIOException | SegmentConflictException unkept) {
      LOG.error(
          "Session {}: neither the store nor the outbox takes its opening",
          opened.sessionId(),
          unkept);
      return false;
    }
  }

  void remember(StoreWrite.Opened description, long nextSeq, long token) {
    remember(
        description.sessionId(),
        new Known(
            nextSeq,
            Optional.of(description.startedAt()),
            Optional.of(description.at()),
            token,
            description.owner(),
            description.legs(),
            description.attributes()));
  }

  private synchronized void remember(SessionId sessionId, Known known) {
    sessions.put(sessionId, known);
  }

  synchronized void forget(SessionId sessionId) {
    sessions.remove(sessionId);
  }

  /** Forgets a session unless a source opened it after that time. */
  synchronized void forgetOlder(SessionId sessionId, Instant time) {
    Known known = sessions.get(sessionId);
    if (known != null && known.openedAt().filter(at -> !at.isAfter(time)).isPresent()) {
      sessions.remove(sessionId);
    }
  }

  private synchronized Optional<Known> recall(SessionId sessionId) {
    return Optional.ofNullable(sessions.get(sessionId));
  }
}
