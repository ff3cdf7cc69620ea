package org.linescribe.session.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.WordQuery;

/**
 * The table of words: for each word of a segment a row, by the word and the session's start, newest
 * first, so that a search reads rows of its rarest word in the order of the answer and stops.
 *
 * <p>Thread: any; blocks.
 */
final class SqlWordIndex {
  static final String INSERT =
      "INSERT IGNORE INTO segment_words (word, age, session_id, seq) VALUES ";

  /** Rows of the rarest word that one page looks at. */
  private static final int STEP = 5000;

  private static final int COUNTED = 1000;

  /**
   * Words that are looked up, for a query and a condition each; others, as of a long Chinese text,
   * are sought in what those find.
   */
  private static final int LOOKED_UP = 16;

  private static final int CACHED_STARTS = 10_000;
  private static final String IN_ORDER = " ORDER BY w.word, w.age, w.session_id, w.seq LIMIT ";

  private final SqlDatabase database;

  /** Starts of sessions never change. */
  private final Map<SessionId, Long> ages =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<SessionId, Long> eldest) {
              return size() > CACHED_STARTS;
            }
          });

  SqlWordIndex(SqlDatabase database) {
    this.database = database;
  }

  /** A statement with its parameters. */
  record Statement(String sql, List<Object> parameters) {}

  /** What adds a segment's words; empty for one without words, or of no session that is known. */
  Optional<Statement> insertion(Segment segment) {
    List<String> words = Words.of(segment.text());
    Optional<Long> age = words.isEmpty() ? Optional.empty() : age(segment.sessionId());
    return age.map(known -> insertion(words, known, segment.sessionId(), segment.seq()));
  }

  static Statement insertion(List<String> words, long age, SessionId sessionId, long seq) {
    List<Object> parameters = new ArrayList<>();
    for (String word : words) {
      parameters.addAll(List.of(word, age, sessionId.value(), seq));
    }
    return new Statement(
        INSERT + String.join(",", Collections.nCopies(words.size(), "(?, ?, ?, ?)")), parameters);
  }

  /** The start of a session in microseconds, negative: the newest is the least. */
  static long age(Instant startedAt) {
    return -ChronoUnit.MICROS.between(Instant.EPOCH, startedAt);
  }

  private Optional<Long> age(SessionId sessionId) {
    Long known = ages.get(sessionId);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<Long> found =
        database
            .query(
                "SELECT started_at FROM sessions WHERE session_id = ?",
                row -> age(SqlSegmentStore.instant(row, "started_at").orElseThrow()),
                sessionId.value())
            .stream()
            .findFirst();
    found.ifPresent(age -> ages.put(sessionId, age));
    return found;
  }

  /** A session is deleted: one with its id may begin at another time. */
  void forget(String sessionId) {
    ages.remove(new SessionId(sessionId));
  }

  WordQuery.Page find(WordQuery query) {
    List<String> words =
        query.words().stream().flatMap(text -> Words.of(text).stream()).distinct().toList();
    List<String> lookedUp = words.subList(0, Math.min(LOOKED_UP, words.size()));
    WordQuery.Page page = find(query, lookedUp);
    return words.size() == lookedUp.size()
        ? page
        : new WordQuery.Page(
            page.segments().stream()
                .filter(segment -> Words.of(segment.text()).containsAll(words))
                .toList(),
            page.next());
  }

  private WordQuery.Page find(WordQuery query, List<String> words) {
    Optional<Position> after =
        query.before().flatMap(id -> age(id).map(age -> new Position(age, id.value())));
    List<String> rarestFirst = rarestFirst(words);
    if (rarestFirst.isEmpty() || query.before().isPresent() && after.isEmpty()) {
      return new WordQuery.Page(List.of(), Optional.empty());
    }
    Range range = new Range(query, rarestFirst.getFirst(), after);
    Optional<Position> end = range.end();
    List<Segment> found =
        new ArrayList<>(range.segments(end, rarestFirst.subList(1, rarestFirst.size())));
    if (found.size() < query.limit()) {
      return new WordQuery.Page(found, end.map(position -> new SessionId(position.sessionId())));
    }
    // Only whole sessions: the next page begins behind one.
    SessionId last = found.getLast().sessionId();
    SessionId first = found.getFirst().sessionId();
    if (!last.equals(first)) {
      found.removeIf(segment -> segment.sessionId().equals(last));
    }
    return new WordQuery.Page(found, Optional.of(found.getLast().sessionId()));
  }

  /** Empty where one of them is nowhere. */
  private List<String> rarestFirst(List<String> words) {
    Map<String, Integer> counts = new HashMap<>();
    for (String word : words) {
      int count =
          database
              .query(
                  "SELECT COUNT(*) FROM (SELECT 1 FROM segment_words WHERE word = ? LIMIT "
                      + COUNTED
                      + ") counted",
                  row -> row.getInt(1),
                  word)
              .getFirst();
      if (count == 0) {
        return List.of();
      }
      counts.put(word, count);
    }
    return counts.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** A session's place in the order of the answer. */
  private record Position(long age, String sessionId) {}

  /** The rows of one word that a page may look at. */
  private final class Range {
    private final WordQuery query;
    private final SqlConditions where = new SqlConditions();

    Range(WordQuery query, String word, Optional<Position> after) {
      this.query = query;
      where.add(" WHERE w.word = ?", word);
      // Older sessions have greater ages.
      query.from().ifPresent(from -> where.add(" AND w.age <= ?", age(from)));
      query.until().ifPresent(until -> where.add(" AND w.age > ?", age(until)));
      after.ifPresent(
          at ->
              where.add(
                  " AND w.age >= ? AND (w.age > ? OR w.session_id > ?)",
                  at.age(),
                  at.age(),
                  at.sessionId()));
    }

    /** The last session that the page looks at; empty where it looks at all. */
    Optional<Position> end() {
      return database
          .query(
              "SELECT w.age, w.session_id FROM segment_words w"
                  + where
                  + IN_ORDER
                  + "1 OFFSET "
                  + (STEP - 1),
              row -> new Position(row.getLong(1), row.getString(2)),
              where.parameters())
          .stream()
          .findFirst();
    }

    List<Segment> segments(Optional<Position> end, List<String> others) {
      end.ifPresent(
          at ->
              where.add(
                  " AND w.age <= ? AND (w.age < ? OR w.session_id <= ?)",
                  at.age(),
                  at.age(),
                  at.sessionId()));
      for (String other : others) {
        where.add(
            " AND EXISTS (SELECT 1 FROM segment_words o WHERE o.word = ? AND o.age = w.age"
                + " AND o.session_id = w.session_id AND o.seq = w.seq)",
            other);
      }
      query.owner().ifPresent(owner -> where.add(" AND s.owner = ?", owner));
      return database.query(
          "SELECT g.* FROM segment_words w"
              + " JOIN segments g ON g.session_id = w.session_id AND g.seq = w.seq"
              + " JOIN sessions s ON s.session_id = w.session_id"
              + where
              + IN_ORDER
              + query.limit(),
          row -> SqlSegmentStore.segment(new SessionId(row.getString("session_id")), row),
          where.parameters());
    }
  }
}
