package org.linescribe.gateway.leg;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.linescribe.session.SessionId;
import org.linescribe.session.calls.CallControl.RecordingOrder;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.calls.OpenCall;

/**
 * A source of audio that operators see and control as a call, whether SIP brought it or not.
 *
 * <p>Thread: any; what is asked for is done on the source's event loop. Orders return false when
 * that is closed, or the source is of a kind that cannot do it.
 */
public interface OperatedSource {
  /** Whether it is, or becomes, the source of that session. */
  boolean isOf(SessionId sessionId);

  /**
   * What is to be seen of it now; empty before its audio begins and when it has ended.
   *
   * @return completes on its event loop; fails, or never completes, when that is closed
   */
  CompletableFuture<Optional<OpenCall>> call();

  /** Ends it; its open utterances become finals. */
  boolean hangUp();

  /** Leaves its audio out of the transcript, as silence, or takes it in again. */
  boolean pause(boolean paused);

  /** Begins, pauses or ends its recording. */
  default boolean record(RecordingOrder order) {
    return false;
  }

  /** Notes a moment with its session, once that is open. */
  boolean mark(CallMark mark);
}
