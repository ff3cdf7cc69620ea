package org.linescribe.session.store;

import java.util.List;
import java.util.Optional;
import org.linescribe.session.Segment;
import org.linescribe.session.SessionId;
import org.linescribe.session.SessionRecord;

/**
 * Keeps sessions and segments for ever.
 *
 * <p>Thread: any; every method blocks. Errors: {@link
 * org.linescribe.session.StoreUnavailableException} when the database cannot be asked now.
 */
public interface SegmentStore extends AutoCloseable {
  /**
   * Applies a change durably. Applying it again changes nothing.
   *
   * @throws SegmentConflictException when a segment's number is taken by another content
   */
  void write(StoreWrite write) throws SegmentConflictException;

  /** Number of the session's newest segment, 0 when it has none. */
  long lastSeq(SessionId sessionId);

  /**
   * @param limit 1 to 1000
   * @return segments from {@code fromSeq} on, in order
   */
  List<Segment> segments(SessionId sessionId, long fromSeq, int limit);

  Optional<SessionRecord> find(SessionId sessionId);

  /**
   * Sessions by their start, newest first.
   *
   * @param before the last id of the page before
   * @param limit 1 to 1000
   */
  List<SessionRecord> list(Optional<SessionId> before, int limit);

  /** Asks the database whether it answers. Never throws. */
  boolean isReachable();

  @Override
  void close();
}
