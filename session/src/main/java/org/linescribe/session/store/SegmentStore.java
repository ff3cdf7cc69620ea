package org.linescribe.session.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionQuery;
import org.linescribe.session.SessionRecord;
import org.linescribe.session.WordQuery;
import org.linescribe.session.calls.CallRecord;
import org.linescribe.session.erasure.ErasureOrders;
import org.linescribe.session.keys.StoredKeys;

/**
 * Keeps sessions and segments for ever.
 *
 * <p>Thread: any; every method blocks. Errors: {@link
 * org.linescribe.session.StoreUnavailableException} when the database cannot be asked now.
 */
public interface SegmentStore extends AutoCloseable {
  /**
   * Applies a change durably. Applying it again changes nothing. The record of a call that is
   * erased is not kept.
   *
   * @throws SegmentConflictException when a segment's number is taken by another content
   */
  void write(StoreWrite write) throws SegmentConflictException;

  /** Number of the session's newest segment, 0 when it has none. */
  long lastSeq(SessionId sessionId);

  /** When the session's newest source opened, by the clock of its node; empty when none has. */
  Optional<Instant> lastOpening(SessionId sessionId);

  /**
   * @param limit 1 to 1000
   * @return segments from {@code fromSeq} on, in order
   */
  List<Segment> segments(SessionId sessionId, long fromSeq, int limit);

  /** Segments that have all of these words. */
  WordQuery.Page find(WordQuery query);

  Optional<SessionRecord> find(SessionId sessionId);

  /** Sessions by their start, newest first. */
  List<SessionRecord> list(SessionQuery query);

  /**
   * Records of calls by their start, newest first.
   *
   * @param startedBefore of the calls, or empty for the newest
   * @param limit 1 to 1000
   */
  default List<CallRecord> calls(Optional<Instant> startedBefore, int limit) {
    return List.of();
  }

  /** The newest call of a session. */
  default Optional<CallRecord> newestCall(SessionId sessionId) {
    return Optional.empty();
  }

  /**
   * Keeps what was derived from a session's transcript.
   *
   * @return false when there is no such session
   */
  default boolean keepInsights(SessionId sessionId, String json) {
    return false;
  }

  /** What was derived from a session's transcript. */
  default Optional<String> insights(SessionId sessionId) {
    return Optional.empty();
  }

  /**
   * Deletes sessions that ended before an instant, with their segments and calls; and those whose
   * end nobody wrote, as their process was killed, when they were opened and had their last final a
   * day before that.
   *
   * @param ownerPrefix only sessions whose owner begins so; empty for all
   * @param limit of sessions in this call, 1 to 1000
   * @return how many were deleted
   */
  int deleteEndedBefore(Instant end, String ownerPrefix, int limit);

  /** API keys that were made while the program ran. */
  default StoredKeys keys() {
    throw new UnsupportedOperationException("this store keeps no keys");
  }

  /**
   * Deletes one session with its segments and calls, and orders each node to delete what it has of
   * it; so too where there is no such session.
   *
   * @param unended also where nobody wrote its end
   * @param now time of the order
   * @return how many segments were deleted; empty when there is no such session, or it has no end
   */
  OptionalLong erase(SessionId sessionId, boolean unended, Instant now);

  /** When a session of this id was erased last. */
  default Optional<Instant> erasedAt(SessionId sessionId) {
    return Optional.empty();
  }

  /** Whether a call's session was erased after the call had begun. */
  default boolean isErased(CallRecord call) {
    return erasedAt(call.sessionId()).filter(at -> !call.startedAt().isAfter(at)).isPresent();
  }

  /**
   * Deletes what a node wrote of a session while it was erased.
   *
   * @param erasedAt what a source opened later writes stays
   */
  default void eraseRest(SessionId sessionId, Instant erasedAt) {}

  /** What nodes have to erase. */
  default ErasureOrders erasures() {
    throw new UnsupportedOperationException("this store keeps no erasures");
  }

  /** Asks the database whether it answers. Never throws. */
  boolean isReachable();

  @Override
  void close();
}
