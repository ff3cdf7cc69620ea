package org.linescribe.session.leg;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.session.Participant;
import org.linescribe.session.SourceClosed;

/**
 * A message to a session's writer. The generation distinguishes a leg's recogniser streams: results
 * of a replaced one are ignored.
 */
public sealed interface SourceMessage {
  record Revised(int leg, int generation, Hypothesis hypothesis) implements SourceMessage {}

  record Completed(int leg, int generation, Hypothesis hypothesis, long decodedToMs)
      implements SourceMessage {}

  record Failed(int leg, int generation, Throwable failure) implements SourceMessage {}

  record Writable(int leg) implements SourceMessage {}

  record Described(String key, String value) implements SourceMessage {}

  record Marked(long atMs, String text) implements SourceMessage {}

  /** Another participant speaks on a leg, from a position in its audio on. */
  record ParticipantChanged(int leg, long fromMs, Participant participant)
      implements SourceMessage {}

  /** A leg was added, which has no recogniser yet. */
  record LegAdded(int leg) implements SourceMessage {}

  record KeyPressed(int leg, char digit, long atMs) implements SourceMessage {}

  record Flush(CompletableFuture<@Nullable Void> done) implements SourceMessage {}

  record Flushed(int leg, int generation) implements SourceMessage {}

  /**
   * @param closed why the session closes its source, null when its caller ends it
   */
  record Close(@Nullable SourceClosed closed, String reason) implements SourceMessage {}

  /** The open utterances of a closing source take too long. */
  record Overdue() implements SourceMessage {}
}
