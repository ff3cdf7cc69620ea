package org.linescribe.session;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import org.linescribe.session.calls.CallMark;

/**
 * A session's intake of audio: 16-bit PCM, mono, each leg at its one rate.
 *
 * <p>Thread: one caller at a time per leg; nothing here blocks. A caller that may block uses {@link
 * BlockingAudioWriter}.
 */
public interface SessionSource {
  SessionId sessionId();

  /**
   * Writes audio of a leg.
   *
   * @param leg index into {@link SourceRequest#legs()}
   * @param pcm mono, 16-bit, at the leg's rate; borrowed
   * @return how many samples were taken, from {@code offset} on: fewer than given when the leg's
   *     buffer is full, 0 when the source is closed. A caller that can wait writes the rest after
   *     {@link SourceListener#onWritable}; one that cannot (RTP) calls {@link #skip} for the rest,
   *     so that the timeline stays true
   */
  int write(int leg, short[] pcm, int offset, int samples);

  /** Advances a leg's timeline past lost audio, as if it had been silence. */
  void skip(int leg, int samples);

  /**
   * Stores an attribute that became known after the opening, like those of {@link
   * SourceRequest#attributes()}; the newest value counts, and a repetition costs nothing.
   *
   * @param key at most 64 characters
   * @param value at most 1024 characters
   */
  default void describe(String key, String value) {}

  /**
   * Notes a moment of a leg with the session, as a {@link CallMark}.
   *
   * @param atSamples where on the leg's timeline, at the leg's rate
   * @param text at most {@value CallMark#MAX_TEXT_CHARACTERS} characters
   */
  default void mark(int leg, long atSamples, String text) {}

  /**
   * Another participant speaks on a leg from the end of the audio written so far; the finals of
   * utterances that begin later carry it.
   */
  default void participant(int leg, Participant participant) {}

  /**
   * Adds a leg to the open source: another party joins the call. Its index is the next one, and it
   * is transcribed into the same session. It begins where its caller says; {@link #write} and
   * {@link #skip} go on from there. One caller at a time.
   *
   * @param atSamples what is before it on the leg's timeline, which begins with the source's
   * @return its index; empty where the source is closed, has as many legs as it may, or where the
   *     recognisers have no time for more
   */
  default OptionalInt addLeg(SourceRequest.Leg leg, long atSamples) {
    return OptionalInt.empty();
  }

  /**
   * Announces a key that was pressed on a leg. Dropped while the session's writer is behind.
   *
   * @param digit one of {@code 0-9 * # A-D}, or {@code X} where it is masked
   * @param atSamples where on the leg's timeline the key went down, at the leg's rate
   */
  default void dtmf(int leg, char digit, long atSamples) {}

  /**
   * Whether the session's source before this one was of this node. Not where it had none, where it
   * was of another node, and where Redis cannot tell.
   */
  default boolean continuesHere() {
    return false;
  }

  /** What it asked for and is not served, in words for its client; the default is used instead. */
  default List<String> unserved() {
    return List.of();
  }

  /**
   * The language that it asked for and that its text is in: told to the model, or the model's only
   * one. Empty where it asked for none, or the model finds out what is spoken all the same.
   */
  default Optional<String> language() {
    return Optional.empty();
  }

  /** Audio of a leg that the recogniser has not decoded yet, in ms. */
  default long backlogMs(int leg) {
    return 0;
  }

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
   * @param reason of the end, kept with the session: "bye", "disconnect"
   */
  CompletionStage<Void> end(String reason);
}
