package org.linescribe.session;

import java.time.Instant;
import java.util.List;
import org.linescribe.asr.Token;

/**
 * A numbered utterance as it is kept for ever.
 *
 * @param seq its number in the session, from 1, never repeated, never skipped
 * @param leg the leg that spoke, "caller" where there is only one
 * @param text what was said, never empty
 * @param startMs where the speech begins, in milliseconds from the session's start
 * @param endMs where it ends, in milliseconds from the session's start
 * @param tokens the recognised units with their times, in milliseconds from the session's start
 * @param model the model that recognised it
 */
public record Segment(
    SessionId sessionId,
    long seq,
    String leg,
    String text,
    long startMs,
    long endMs,
    List<Token> tokens,
    String model,
    Instant createdAt) {
  public Segment {
    tokens = List.copyOf(tokens);
    if (seq < 1) {
      throw new IllegalArgumentException("seq: " + seq + " (expected: >= 1)");
    }
  }
}
