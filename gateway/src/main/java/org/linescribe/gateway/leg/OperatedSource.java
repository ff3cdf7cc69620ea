package org.linescribe.gateway.leg;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.linescribe.session.calls.CallMark;
import org.linescribe.session.calls.OpenCall;

/**
 * A source of audio that operators see and control as a call, though no SIP brought it.
 *
 * <p>Thread: any; what is asked for is done on the source's event loop.
 */
public interface OperatedSource {
  /**
   * What is to be seen of it now; empty before its audio begins and when it has ended.
   *
   * @return completes on its event loop; fails, or never completes, when that is closed
   */
  CompletableFuture<Optional<OpenCall>> call();

  /** Ends it; its open utterances become finals. */
  void hangUp();

  /** Leaves its audio out of the transcript, as silence, or takes it in again. */
  void pause(boolean paused);

  /** Notes a moment with its session, once that is open. */
  void mark(CallMark mark);
}
