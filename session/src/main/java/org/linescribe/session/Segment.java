package org.linescribe.session;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
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
 * @param model the model that recognised it; with {@link #UNFINISHED} behind it where the text is
 *     its last partial, because the source ended before the utterance was decoded
 * @param language ISO 639 code of what is spoken, where a model of several found it
 * @param participant who spoke, where the source names the participants of its legs
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
    Instant createdAt,
    Optional<Participant> participant,
    Optional<String> language) {
  /** Behind the model's name. */
  public static final String UNFINISHED = " (unfinished)";

  /** The longest name of a model that is kept. */
  public static final int MAX_MODEL_CHARACTERS = 128;

  /** The model's name with the mark, at most as long as names may be. */
  public static String unfinished(String model) {
    int length = Math.min(model.length(), MAX_MODEL_CHARACTERS - UNFINISHED.length());
    return model.substring(0, length) + UNFINISHED;
  }

  public Segment {
    tokens = List.copyOf(tokens);
    if (seq < 1) {
      throw new IllegalArgumentException("seq: " + seq + " (expected: >= 1)");
    }
  }

  /** A segment of a leg without a named participant, by a model of one language. */
  public Segment(
      SessionId sessionId,
      long seq,
      String leg,
      String text,
      long startMs,
      long endMs,
      List<Token> tokens,
      String model,
      Instant createdAt) {
    this(
        sessionId,
        seq,
        leg,
        text,
        startMs,
        endMs,
        tokens,
        model,
        createdAt,
        Optional.empty(),
        Optional.empty());
  }
}
