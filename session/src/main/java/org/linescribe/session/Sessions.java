package org.linescribe.session;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The API of the pipeline: sources write audio, readers receive numbered results.
 *
 * <p>Thread: any. Calls marked "blocks" read or write the store and belong on a virtual thread.
 */
public interface Sessions extends AutoCloseable {
  /**
   * Makes a session id, a UUID version 7, and remembers that it is new: a source can open it while
   * the database is down, because no query is needed to learn its last number. Does not block.
   */
  SessionId newSessionId();

  /**
   * Opens a session's source. The newest of one kind and owner wins: the older is closed as {@link
   * SourceClosed#SUPERSEDED} after its open utterances became finals. A source of another kind or
   * owner keeps the session, and the new one is refused. A session also stays its first owner's
   * after its end. Blocks.
   */
  SessionSource open(SourceRequest request, SourceListener listener) throws SessionRefusedException;

  /** Names of the models that a source may ask for. */
  default Set<String> models() {
    return Set.of();
  }

  /**
   * Refuses what {@link #open} would refuse of it, for whoever answers a client before the audio is
   * there. Does not block.
   */
  default void check(RecognitionRequest recognition) throws SessionRefusedException {}

  /** Tells a listener of the sources that open from now on. */
  void onOpening(SessionOpeningListener listener);

  /**
   * Reads a session from a number on: finals from the store, then live, without gap or repeat. A
   * session that has ended delivers its finals and its end. The session need not exist yet; {@link
   * #isKnown} tells.
   *
   * @param fromSeq first number wanted, from 1
   * @return the reader closes it to stop
   */
  Subscription subscribe(SessionId sessionId, long fromSeq, TranscriptReader reader);

  /** Ends a reader's subscription. Idempotent. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }

  /** Blocks. */
  Optional<SessionRecord> find(SessionId sessionId);

  /** Whether a source ever opened the session, here or on another machine. Blocks. */
  default boolean isKnown(SessionId sessionId) {
    return isLive(sessionId) || find(sessionId).isPresent();
  }

  /** Newest first. Blocks. */
  List<SessionRecord> list(SessionQuery query);

  /**
   * Finals from a number on, in order. Blocks.
   *
   * @param limit 1 to 1000
   */
  List<Segment> segments(SessionId sessionId, long fromSeq, int limit);

  /** Segments that have all of these words, as far as the store has them. */
  WordQuery.Page find(WordQuery query);

  /**
   * Keeps what was derived from an ended session's transcript, in place of what was kept before.
   * Blocks.
   *
   * @param json at most 16 MB
   * @return false when the database has no such session, or not yet
   */
  default boolean keepInsights(SessionId sessionId, String json) {
    return false;
  }

  /** What was derived from a session's transcript, as it was kept. Blocks. */
  default Optional<String> insights(SessionId sessionId) {
    return Optional.empty();
  }

  /** Whether a source is open on this node. */
  boolean isLive(SessionId sessionId);

  /** Sessions that have a source open on this node, newest first by their ids where these tell. */
  List<SessionId> liveSessions();

  /** Sources open on this node. */
  int openSources();

  /** Whether this node admits sources and reaches its services now. */
  Readiness readiness();

  /**
   * @param accepting a new source would be admitted
   * @param storeReachable the segment store answers
   * @param liveReachable the live transcript (Redis) answers
   * @param outboxSegments finals that are durable here and not yet in the store
   * @param reason why not, for an operator; empty when nothing is wrong
   */
  record Readiness(
      boolean accepting,
      boolean storeReachable,
      boolean liveReachable,
      long outboxSegments,
      String reason) {}

  /** What bounds the sources of this node. Does not block. */
  default SourceCapacity sourceCapacity() {
    return new SourceCapacity(0, false, OptionalInt.empty());
  }

  /**
   * What a new source is refused on, beside what {@link #readiness} tells.
   *
   * @param maxSources open at once; 0 where nobody tells
   * @param recogniserBehind the default recogniser is behind real time: it takes no stream now
   * @param recogniserMoreStreams how many more streams it has time for, where they speak as the
   *     open ones do; empty where it does not know what these cost
   */
  record SourceCapacity(
      int maxSources, boolean recogniserBehind, OptionalInt recogniserMoreStreams) {}

  /** Refuses new sources and is not ready any more; the open ones go on until {@link #drain}. */
  default void refuseNew() {}

  /** Refuses new sources, ends the open ones as {@link SourceClosed#DRAINING}, and waits. */
  void drain(Duration atMost) throws InterruptedException;

  @Override
  void close();
}
