package org.linescribe.session;

import java.time.Duration;

/**
 * Receives the results of a source's audio.
 *
 * <p>Thread: the session's own, one call at a time; must not block.
 */
public interface SourceListener {
  /** Receives a partial or a durable final of this source's session, in order. */
  void onEvent(TranscriptEvent event);

  /** The leg's queue refused audio earlier and accepts it again. */
  default void onWritable() {}

  /**
   * For how long after its opening began whoever asked for this source may still be found to have
   * given it up. Before that it takes its session from no other node.
   */
  default Duration withdrawnWithin() {
    return Duration.ZERO;
  }

  /** Whoever asked for this source has given it up. Asked while it is opened, on any thread. */
  default boolean isWithdrawn() {
    return false;
  }

  /**
   * The session closed this source, which accepts no more audio. Not called after {@link
   * SessionSource#end}.
   */
  void onClosed(SourceClosed reason);
}
