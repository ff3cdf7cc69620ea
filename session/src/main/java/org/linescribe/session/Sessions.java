package org.linescribe.session;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The pipeline's front: sources bring audio, readers take numbered results.
 *
 * <p>Thread: any. Calls marked "blocks" read or write the store and belong on a virtual thread.
 */
public interface Sessions extends AutoCloseable {
  /**
   * A new session's id, a UUID version 7, remembered as certainly new: a source can open it while
   * the database is down, since no store is needed to tell that it has no numbers yet. Does not
   * block.
   */
  SessionId newSessionId();

  /**
   * Opens a session's source, newest wins: an older source of the session is closed as {@link
   * SourceClosed#SUPERSEDED} after its open utterances became finals. Blocks.
   */
  SessionSource open(SourceRequest request, SourceListener listener) throws SessionRefusedException;

  /**
   * Reads a session from a number on: finals from the store, then live, without gap or repeat. The
   * session need not exist yet.
   *
   * @param fromSeq first number wanted, from 1
   * @return closed by the reader to stop
   */
  Subscription subscribe(SessionId sessionId, long fromSeq, TranscriptReader reader);

  /** Ends a reader's subscription. Idempotent. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }

  /** Blocks. */
  Optional<SessionRecord> find(SessionId sessionId);

  /**
   * Newest first. Blocks.
   *
   * @param before the last id of the page before, or empty for the first page
   * @param limit 1 to 1000
   */
  List<SessionRecord> list(Optional<SessionId> before, int limit);

  /**
   * Finals from a number on, in order. Blocks.
   *
   * @param limit 1 to 1000
   */
  List<Segment> segments(SessionId sessionId, long fromSeq, int limit);

  /** Whether a source is open on this node. */
  boolean isLive(SessionId sessionId);

  /** Sources open on this node. */
  int openSources();

  /** What this node can take and reach now. */
  Readiness readiness();

  /**
   * @param accepting a new source would be admitted
   * @param storeReachable the segment store answers
   * @param liveReachable the live transcript (Redis) answers
   * @param outboxSegments finals that are durable here and not yet in the store
   * @param reason why not, in words for an operator; empty when all is well
   */
  record Readiness(
      boolean accepting,
      boolean storeReachable,
      boolean liveReachable,
      long outboxSegments,
      String reason) {}

  /** Refuses new sources, ends the open ones as {@link SourceClosed#DRAINING}, and waits. */
  void drain(Duration atMost) throws InterruptedException;

  @Override
  void close();
}
