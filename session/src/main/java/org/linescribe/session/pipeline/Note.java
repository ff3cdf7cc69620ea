package org.linescribe.session.pipeline;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.linescribe.asr.Hypothesis;
import org.linescribe.session.SourceClosed;

/**
 * What a session's writer is told. A generation tells a leg's recogniser streams apart: what a
 * replaced one still says is void.
 */
sealed interface Note {
  record Revised(int leg, int generation, Hypothesis hypothesis) implements Note {}

  record Completed(int leg, int generation, Hypothesis hypothesis, long decodedToMs)
      implements Note {}

  record Failed(int leg, int generation, Throwable failure) implements Note {}

  record Writable(int leg) implements Note {}

  record Described(String key, String value) implements Note {}

  record Flush(CompletableFuture<@Nullable Void> done) implements Note {}

  record Flushed(int leg, int generation) implements Note {}

  /**
   * @param closed why the session closes its source, null when the door ends it
   */
  record Close(@Nullable SourceClosed closed, String reason) implements Note {}

  /** The end waits too long for its open utterances. */
  record Overdue() implements Note {}
}
