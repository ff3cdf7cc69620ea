package org.linescribe.session;

import java.util.concurrent.CompletionStage;

/**
 * The audio of one door on its way into a session.
 *
 * <p>Thread: one caller at a time per leg; nothing here blocks.
 */
public interface SessionSource {
  SessionId sessionId();

  /**
   * Delivers audio of a leg.
   *
   * @param leg index into {@link SourceRequest#legs()}
   * @param pcm mono in [-1, 1] at the leg's rate; borrowed
   * @return false when the leg's queue is full or the source is closed: nothing was taken. A door
   *     that can wait offers it again after {@link SourceListener#onWritable}; a door that cannot
   *     calls {@link #skip}
   */
  boolean accept(int leg, float[] pcm, int offset, int length);

  /** Advances a leg's timeline past lost audio, as if it had been silence. */
  void skip(int leg, int samples);

  /**
   * Keeps an attribute that the door learnt after the opening, like those of {@link
   * SourceRequest#attributes()}; the newest value counts, and one that is kept already costs
   * nothing.
   *
   * @param key at most 64 characters
   * @param value at most 1024 characters
   */
  default void describe(String key, String value) {}

  /** The text of the leg's open utterance now, with the number that its final will get. */
  TranscriptEvent.Partial current(int leg);

  /**
   * Ends the open utterances without ending the source: each becomes a durable, announced final
   * before the stage completes.
   */
  CompletionStage<Void> flush();

  /**
   * Ends the source: open utterances are flushed, stored and announced to the listener and the
   * readers, then the stage completes. Idempotent.
   *
   * @param reason the door's word for the end, kept with the session: "bye", "disconnect"
   */
  CompletionStage<Void> end(String reason);
}
