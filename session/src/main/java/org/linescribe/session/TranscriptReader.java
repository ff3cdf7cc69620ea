package org.linescribe.session;

/**
 * Receives a session's transcript: every final from the requested number on, once and in order, and
 * partials between them.
 *
 * <p>Thread: the subscription's own, one call at a time. It may block: a slow reader delays only
 * itself, misses partials, and receives its finals from the store.
 */
public interface TranscriptReader {
  void onEvent(TranscriptEvent event) throws InterruptedException;

  /** The subscription cannot go on; no call follows. */
  void onFailure(Exception failure);
}
