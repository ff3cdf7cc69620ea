package org.linescribe.gateway.call;

import java.util.concurrent.atomic.AtomicReference;

/**
 * A call's place among those that no ACK has confirmed. Exactly one thing becomes of it: the ACK
 * comes, it is given up for another call, or the call ends.
 *
 * <p>Thread: any.
 */
final class PendingCall {
  private enum State {
    WAITING,
    ACKNOWLEDGED,
    GIVEN_UP,
    ENDED
  }

  private final PendingCalls all;
  private final PendingCalls.Source source;
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

  PendingCall(PendingCalls all, PendingCalls.Source source) {
    this.all = all;
    this.source = source;
  }

  boolean isWaiting() {
    return state.get() == State.WAITING;
  }

  /** Whether its source has never acknowledged a call. */
  boolean isUnproven() {
    return !all.isProven(source);
  }

  /**
   * An ACK came.
   *
   * @return false where the call was given up before
   */
  boolean acknowledge() {
    if (state.compareAndSet(State.WAITING, State.ACKNOWLEDGED)) {
      all.acknowledged(source);
    }
    return state.get() != State.GIVEN_UP;
  }

  /**
   * @return false where the ACK came or the call ended before
   */
  boolean giveUp() {
    boolean isGivenUp = state.compareAndSet(State.WAITING, State.GIVEN_UP);
    if (isGivenUp) {
      all.ended(source);
    }
    return isGivenUp;
  }

  void end() {
    if (state.compareAndSet(State.WAITING, State.ENDED)) {
      all.ended(source);
    }
  }
}
