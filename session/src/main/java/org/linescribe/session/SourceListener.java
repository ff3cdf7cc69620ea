package org.linescribe.session;

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
   * The session closed this source, which accepts no more audio. Not called after {@link
   * SessionSource#end}.
   */
  void onClosed(SourceClosed reason);
}
