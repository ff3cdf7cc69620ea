package org.linescribe.session;

/** What a session tells its source and its readers, in the order of its numbers. */
public sealed interface TranscriptEvent {
  SessionId sessionId();

  /** The number of the utterance. A partial carries the number that the coming final will get. */
  long seq();

  /**
   * The text of an open utterance, as far as it is known.
   *
   * @param text may be empty
   * @param startMs where the utterance begins, in milliseconds from the session's start
   * @param endMs where the audio that it is based on ends
   * @param confidence mean token probability, NaN where the recogniser gives none
   */
  record Partial(
      SessionId sessionId,
      long seq,
      String leg,
      String text,
      long startMs,
      long endMs,
      double confidence)
      implements TranscriptEvent {}

  /** A segment, durable before it is announced. */
  record Final(Segment segment) implements TranscriptEvent {
    @Override
    public SessionId sessionId() {
      return segment.sessionId();
    }

    @Override
    public long seq() {
      return segment.seq();
    }
  }

  /**
   * The session's source went away for good (a call ended, a client finished). A new source may
   * open the session again; its finals go on at {@code seq}.
   *
   * @param seq the number that the next final would get
   */
  record Ended(SessionId sessionId, long seq, String reason) implements TranscriptEvent {}
}
