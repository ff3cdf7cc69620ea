package org.linescribe.session;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Which segments a search for words finds, by their sessions' start, newest first.
 *
 * @param owner only sessions of this owner; empty for everybody's
 * @param words 1 to 8 texts; each word in them must be one of the segment's, whatever its case and
 *     accents
 * @param from only sessions that started at this instant or later
 * @param until only sessions that started before this instant
 * @param before the session that the page before reached, empty for the first page
 * @param limit of segments, 1 to 1000
 */
public record WordQuery(
    Optional<String> owner,
    List<String> words,
    Optional<Instant> from,
    Optional<Instant> until,
    Optional<SessionId> before,
    int limit) {
  public WordQuery {
    words = List.copyOf(words);
    if (words.isEmpty() || words.size() > 8) {
      throw new IllegalArgumentException("words: " + words.size() + " (expected: 1..8)");
    }
    if (limit < 1 || limit > 1000) {
      throw new IllegalArgumentException("limit: " + limit + " (expected: 1..1000)");
    }
  }

  public WordQuery before(SessionId session) {
    return new WordQuery(owner, words, from, until, Optional.of(session), limit);
  }

  /**
   * A part of what is found.
   *
   * @param segments of whole sessions, but of the only one where it alone fills the limit
   * @param next where the search goes on; empty where everything was looked at. A page may be empty
   *     and not the last: the time of one is bounded
   */
  public record Page(List<Segment> segments, Optional<SessionId> next) {
    public Page {
      segments = List.copyOf(segments);
    }
  }
}
