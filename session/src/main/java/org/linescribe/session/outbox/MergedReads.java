package org.linescribe.session.outbox;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.StoreUnavailableException;
import org.linescribe.session.store.SegmentStore;
import org.linescribe.session.store.StoreWrite;

/**
 * Reads a store and what waits for it in the outbox as one.
 *
 * <p>Thread: any; blocks.
 */
record MergedReads(SegmentStore store, Outbox outbox) {
  private static final Comparator<SessionRecord> NEWEST_FIRST =
      Comparator.comparing(SessionRecord::startedAt)
          .thenComparing(record -> record.sessionId().value())
          .reversed();

  long lastSeq(SessionId sessionId) {
    // The outbox first: what is drained between the two reads is then in the second.
    long waiting = outbox.lastSeq(sessionId);
    return Math.max(waiting, store.lastSeq(sessionId));
  }

  Optional<Instant> lastOpening(SessionId sessionId) {
    Optional<Instant> waiting =
        outbox.changes(sessionId).stream()
            .filter(StoreWrite.Opened.class::isInstance)
            .map(change -> ((StoreWrite.Opened) change).at())
            .max(Comparator.naturalOrder());
    return Stream.concat(waiting.stream(), store.lastOpening(sessionId).stream())
        .max(Comparator.naturalOrder());
  }

  /**
   * @param reachable whether the store took the last write; where not, it is not asked for what the
   *     outbox has
   */
  List<Segment> segments(SessionId sessionId, long fromSeq, int limit, boolean reachable) {
    List<Segment> waiting = outbox.segments(sessionId, fromSeq, limit);
    boolean waitingSuffices =
        !waiting.isEmpty() && waiting.getFirst().seq() == Math.max(1, fromSeq);
    if (waitingSuffices && !reachable) {
      return waiting;
    }
    List<Segment> kept;
    try {
      kept = store.segments(sessionId, fromSeq, limit);
    } catch (StoreUnavailableException down) {
      if (waitingSuffices) {
        return waiting;
      }
      throw down;
    }
    if (waiting.isEmpty()) {
      return kept;
    }
    TreeMap<Long, Segment> merged = new TreeMap<>();
    waiting.forEach(segment -> merged.put(segment.seq(), segment));
    kept.forEach(segment -> merged.put(segment.seq(), segment));
    return merged.values().stream().limit(limit).toList();
  }

  Optional<SessionRecord> find(SessionId sessionId) {
    long waitingSeq = outbox.lastSeq(sessionId);
    List<StoreWrite> changes = outbox.changes(sessionId);
    Optional<SessionRecord> record;
    try {
      record = store.find(sessionId);
    } catch (StoreUnavailableException down) {
      if (changes.stream().noneMatch(StoreWrite.Opened.class::isInstance)) {
        throw down;
      }
      record = Optional.empty();
    }
    return PendingChanges.apply(record, changes, waitingSeq);
  }

  /** As {@link #find} sees each. The store must answer. */
  List<SessionRecord> list(SessionQuery query) {
    // The outbox first: what is drained between the two reads is then in the second.
    List<SessionId> waiting = outbox.changedSessions();
    if (waiting.isEmpty()) {
      return store.list(query).stream().map(this::withWaiting).toList();
    }
    Optional<SessionRecord> last = query.before().flatMap(this::find);
    if (query.before().isPresent() && last.isEmpty()) {
      return List.of();
    }
    Map<SessionId, SessionRecord> merged = new LinkedHashMap<>();
    keptAfter(last, query).forEach(record -> merged.put(record.sessionId(), withWaiting(record)));
    for (SessionId sessionId : waiting) {
      if (!merged.containsKey(sessionId)) {
        withWaiting(sessionId, Optional.empty())
            .filter(r -> isAfter(last, r) && query.matches(r))
            .ifPresent(r -> merged.put(sessionId, r));
      }
    }
    return merged.values().stream().sorted(NEWEST_FIRST).limit(query.limit()).toList();
  }

  /** The store's page, also behind a session that the store does not know yet. */
  private List<SessionRecord> keptAfter(Optional<SessionRecord> last, SessionQuery query) {
    Optional<SessionId> before = last.map(SessionRecord::sessionId);
    if (before.isEmpty() || store.find(before.get()).isPresent()) {
      return store.list(query.from(before));
    }
    List<SessionRecord> kept = new ArrayList<>();
    Optional<SessionId> cursor = Optional.empty();
    List<SessionRecord> page;
    do {
      page = store.list(query.from(cursor));
      page.stream().filter(r -> isAfter(last, r)).forEach(kept::add);
      cursor = page.isEmpty() ? cursor : Optional.of(page.getLast().sessionId());
    } while (kept.size() < query.limit() && page.size() == query.limit());
    return kept;
  }

  private static boolean isAfter(Optional<SessionRecord> last, SessionRecord record) {
    return last.isEmpty() || NEWEST_FIRST.compare(last.get(), record) < 0;
  }

  private SessionRecord withWaiting(SessionRecord kept) {
    return withWaiting(kept.sessionId(), Optional.of(kept)).orElse(kept);
  }

  /** The session with what waits; one of an older page that waits alone is cut off with it. */
  private Optional<SessionRecord> withWaiting(SessionId sessionId, Optional<SessionRecord> kept) {
    long waitingSeq = outbox.lastSeq(sessionId);
    return PendingChanges.apply(kept, outbox.changes(sessionId), waitingSeq);
  }
}
