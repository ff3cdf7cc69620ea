package org.linescribe.session.tracing;

import java.util.Optional;

/** What a session did, without words that were spoken and without who spoke them. */
public sealed interface SessionStep {
  /**
   * An INVITE was answered, or came to nothing.
   *
   * @param outcome "answered", or why the call ended before: "cancel", "rejected-486"
   */
  record CallSetUp(boolean answered, String outcome) implements SessionStep {}

  /**
   * A source was admitted: its lease, its number, its recognisers and its record.
   *
   * @param model that recognises its first leg; empty where it was refused
   * @param refusal why it was not admitted: "overloaded"
   */
  record Opened(int legs, String model, Optional<String> refusal) implements SessionStep {}

  /**
   * An utterance was recognised: from the arrival of its first audio to its final text.
   *
   * @param startMs the utterance on the leg's timeline
   * @param endMs the same
   * @param lagMs from the arrival of its last audio to its final text
   */
  record Decoded(String leg, String model, long startMs, long endMs, long lagMs)
      implements SessionStep {}

  /**
   * A final was made durable, in the database or in the outbox.
   *
   * @param seq its number
   * @param kept false where another source has the session now, or no disk took it
   */
  record Stored(long seq, boolean kept) implements SessionStep {}

  /** A final was told to readers and to the source's client. */
  record Announced(long seq) implements SessionStep {}
}
