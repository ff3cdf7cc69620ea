package org.linescribe.session.outbox;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.linescribe.session.SessionId;
import org.linescribe.session.store.StoreWrite;

/**
 * Where the records lie that wait in the outbox: oldest first, and by session.
 *
 * <p>Thread: the outbox's lock.
 */
final class OutboxIndex {
  private final Deque<Pending> pending = new ArrayDeque<>();
  private final Map<SessionId, Deque<Pending>> bySession = new HashMap<>();
  private long segments;

  /** Adds a record that lies in a file; the bytes stay there. */
  void add(LogFile file, long offset, int length, StoreWrite write) {
    long seq = write instanceof StoreWrite.Appended appended ? appended.segment().seq() : 0;
    Pending entry = new Pending(file, offset, length, write.sessionId(), seq);
    file.undrained++;
    pending.addLast(entry);
    bySession.computeIfAbsent(entry.sessionId, id -> new ArrayDeque<>()).addLast(entry);
    if (seq > 0) {
      segments++;
    }
  }

  /** Forgets the oldest record, which must be this one; true when its file holds no other. */
  boolean remove(Pending entry) {
    if (pending.peekFirst() != entry) {
      throw new IllegalStateException("not the oldest change");
    }
    pending.removeFirst();
    bySession.computeIfPresent(
        entry.sessionId,
        (id, ofSession) -> {
          ofSession.removeFirst();
          return ofSession.isEmpty() ? null : ofSession;
        });
    if (entry.seq > 0) {
      segments--;
    }
    return --entry.file.undrained == 0;
  }

  @Nullable Pending oldest() {
    return pending.peekFirst();
  }

  boolean isEmpty() {
    return pending.isEmpty();
  }

  int size() {
    return pending.size();
  }

  /** Segments that wait. */
  long segments() {
    return segments;
  }

  /** Sessions of which more waits than finals. */
  List<SessionId> changed() {
    return bySession.entrySet().stream()
        .filter(e -> e.getValue().stream().anyMatch(entry -> entry.seq == 0))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The session's records, oldest first; the caller's own copy. */
  List<Pending> of(SessionId sessionId) {
    Deque<Pending> ofSession = bySession.get(sessionId);
    return ofSession == null ? List.of() : List.copyOf(ofSession);
  }

  /**
   * A change that waits: where its record lies.
   *
   * @param length of its JSON, bytes
   * @param seq of a segment, 0 for any other change
   */
  record Pending(LogFile file, long offset, int length, SessionId sessionId, long seq) {}
}
