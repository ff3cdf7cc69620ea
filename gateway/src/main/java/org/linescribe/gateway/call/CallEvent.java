package org.linescribe.gateway.call;

import org.linescribe.session.SessionSource;

/** What moves a call from state to state. */
sealed interface CallEvent {
  /** The session took the call. */
  record Opened(SessionSource source) implements CallEvent {}

  /** Our 200 is on its way. */
  record Answered() implements CallEvent {}

  /** The peer acknowledged it. */
  record Acknowledged() implements CallEvent {}

  /** A renegotiation, or the first negotiation, put the call on hold. */
  record Held() implements CallEvent {}

  /** A renegotiation took it from hold. */
  record Resumed() implements CallEvent {}

  /** The first of all reasons to end wins. */
  record Ended(CallOutcome outcome) implements CallEvent {}
}
