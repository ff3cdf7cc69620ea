package org.linescribe.session;

/** An event of a session, published to its source and its readers in the order of its numbers. */
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
   * @param stableChars UTF-16 units at the text's begin, whole words, in which it agrees with the
   *     partial before: they seldom change any more
   */
  record Partial(
      SessionId sessionId,
      long seq,
      String leg,
      String text,
      long startMs,
      long endMs,
      double confidence,
      int stableChars)
      implements TranscriptEvent {
    public Partial {
      if (stableChars < 0 || stableChars > text.length()) {
        throw new IllegalArgumentException(
            "stableChars: " + stableChars + " (expected: 0.." + text.length() + ")");
      }
    }

    /** One of which no word is stable. */
    public Partial(
        SessionId sessionId,
        long seq,
        String leg,
        String text,
        long startMs,
        long endMs,
        double confidence) {
      this(sessionId, seq, leg, text, startMs, endMs, confidence, 0);
    }
  }

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
   * A key that a participant of a call pressed. Announced as it comes and not stored: what callers
   * key in is often secret.
   *
   * @param seq the number that the next final gets
   * @param digit one of {@code 0-9 * # A-D}, or {@code X} where digits are masked
   * @param startMs when the key went down, in milliseconds from the session's start
   */
  record Dtmf(SessionId sessionId, long seq, String leg, char digit, long startMs)
      implements TranscriptEvent {}

  /**
   * The session's source went away for good (a call ended, a client finished). A new source may
   * open the session again; its finals go on at {@code seq}.
   *
   * @param seq the number that the next final would get
   */
  record Ended(SessionId sessionId, long seq, String reason) implements TranscriptEvent {}
}
