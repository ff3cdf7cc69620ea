package org.linescribe.session.store;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Deletes sessions with all that belongs to them. Thread: any; blocks. */
record SqlSessionDeletion(SqlDatabase database, SqlWordIndex words) {
  /** A session without an end may be open on some node, and silent. */
  private static final Duration UNENDED_GRACE = Duration.ofDays(1);

  private static final List<String> WITH_THE_SESSION =
      List.of(
          "DELETE FROM segments WHERE session_id = ?",
          "DELETE FROM segment_words WHERE session_id = ?",
          "DELETE FROM call_records WHERE session_id = ?");

  /** As {@link SegmentStore#deleteEndedBefore}, of the sessions. */
  int endedBefore(Instant end, String ownerPrefix, int limit) {
    LocalDateTime before = SqlSegmentStore.utc(end);
    String owned = ownerPrefix.isEmpty() ? "" : " AND owner LIKE ?";
    List<Object> parameters = new ArrayList<>(List.of(before));
    if (!ownerPrefix.isEmpty()) {
      parameters.add(ownerPrefix + "%");
    }
    int deleted = delete("ended_at < ?" + owned, "ended_at", parameters, limit);
    if (deleted == limit) {
      return deleted;
    }
    LocalDateTime longBefore = SqlSegmentStore.utc(end.minus(UNENDED_GRACE));
    parameters.set(0, longBefore);
    parameters.addFirst(longBefore);
    return deleted
        + delete(
            "ended_at IS NULL AND changed_at < ? AND NOT EXISTS (SELECT 1 FROM segments g WHERE"
                + " g.session_id = sessions.session_id AND g.created_at >= ?)"
                + owned,
            "changed_at",
            parameters,
            limit - deleted);
  }

  private int delete(String condition, String order, List<Object> parameters, int limit) {
    List<String> ended =
        database.query(
            "SELECT session_id FROM sessions WHERE "
                + condition
                + " ORDER BY "
                + order
                + " LIMIT "
                + limit,
            row -> row.getString(1),
            parameters.toArray());
    int deleted = 0;
    for (String id : ended) {
      if (delete(id, condition, parameters)) {
        deleted++;
      }
    }
    return deleted;
  }

  /** The session first: one that a source opened again meanwhile keeps its segments. */
  private boolean delete(String id, String condition, List<Object> parameters) {
    List<Object> all = new ArrayList<>(parameters);
    all.addFirst(id);
    boolean deleted =
        database.updateAll(
            "DELETE FROM sessions WHERE session_id = ? AND " + condition, all, withTheSession(id));
    if (deleted) {
      words.forget(id);
    }
    return deleted;
  }

  private static List<SqlWordIndex.Statement> withTheSession(String id) {
    return WITH_THE_SESSION.stream()
        .map(deletion -> new SqlWordIndex.Statement(deletion, List.of(id)))
        .toList();
  }

  /** As {@link SegmentStore#erase}. */
  OptionalLong erase(String id, boolean unended, Instant now) {
    long segments =
        database
            .query("SELECT COUNT(*) FROM segments WHERE session_id = ?", row -> row.getLong(1), id)
            .getFirst();
    database.compactAtClose();
    SqlWordIndex.Statement order =
        new SqlWordIndex.Statement(SqlErasureOrders.ORDER, List.of(id, SqlSegmentStore.utc(now)));
    boolean erased =
        database.updateAll(
            "DELETE FROM sessions WHERE session_id = ?"
                + (unended ? "" : " AND ended_at IS NOT NULL"),
            List.of(id),
            Stream.concat(withTheSession(id).stream(), Stream.of(order)).toList());
    if (erased) {
      words.forget(id);
      return OptionalLong.of(segments);
    }
    if (!exists(id)) {
      // A node may still have a recording of a session whose transcript was deleted before.
      database.update(order.sql(), order.parameters().toArray());
    }
    return OptionalLong.empty();
  }

  private boolean exists(String id) {
    return !database
        .query("SELECT 1 FROM sessions WHERE session_id = ?", row -> row.getInt(1), id)
        .isEmpty();
  }

  /**
   * As {@link SegmentStore#eraseRest}. The session that a source opened since stays, with all that
   * belongs to it. One that a source opened before, and described since, goes, open or not.
   */
  void eraseRest(String id, Instant erasedAt) {
    words.forget(id);
    delete(id, "changed_at <= ?", List.of(SqlSegmentStore.utc(erasedAt)));
    if (!exists(id)) {
      WITH_THE_SESSION.forEach(deletion -> database.update(deletion, id));
    }
  }
}
