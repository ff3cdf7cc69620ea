package org.linescribe.session;

/**
 * A door's ear: what becomes of the audio that it brings.
 *
 * <p>Thread: the session's own, one call at a time; must not block.
 */
public interface SourceListener {
  /** A partial or a durable final of this source's session, in order. */
  void onEvent(TranscriptEvent event);

  /** Audio was refused earlier; there is room again. */
  default void onWritable() {}

  /**
   * The session closed this source; it accepts nothing more. Not called after {@link
   * SessionSource#end}.
   */
  void onClosed(SourceClosed reason);
}
