package org.linescribe.session.live;

import java.util.List;
import org.linescribe.session.SessionId;
import org.linescribe.session.TranscriptEvent;

/**
 * Carries events to readers as they happen. It may lose events, never reorder one writer's; the
 * store is the truth.
 *
 * <p>Thread: any. {@link #publish} and {@link #subscribe} never wait for a network.
 */
public interface LiveTranscript extends AutoCloseable {
  /** Calls this session's listeners; a partial also becomes its leg's current one. */
  void publish(TranscriptEvent event);

  /** Calls {@link LiveListener#onGap}, because finals that the store lacked have arrived there. */
  void wake(SessionId sessionId);

  /** The current partial of each leg that has an open utterance. May wait briefly for a network. */
  List<TranscriptEvent.Partial> current(SessionId sessionId);

  /** Receives this session's events from now on, until the registration is closed. */
  Registration subscribe(SessionId sessionId, LiveListener listener);

  /** Deletes what is kept of an ended session for readers elsewhere. May wait for a network. */
  default void forget(SessionId sessionId) throws InterruptedException {}

  /** Whether events reach and come from other machines now; always so in process. */
  boolean isReachable();

  @Override
  void close();

  /** Ends a subscription. Idempotent. */
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
