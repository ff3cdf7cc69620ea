package org.linescribe.session.live;

import org.linescribe.session.TranscriptEvent;

/**
 * Receives a session's live events. Thread: the publisher's or a network event loop; must not
 * block.
 */
public interface LiveListener {
  void onEvent(TranscriptEvent event);

  /** Events may have been missed until now: read the store again. */
  void onGap();
}
