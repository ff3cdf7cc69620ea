package org.linescribe.gateway.call;

import org.linescribe.session.SessionSource;

/** An event of the call's state machine. */
sealed interface CallEvent {
  /** The session is open. */
  record Opened(SessionSource source) implements CallEvent {}

  /** The 200 was sent. */
  record Answered() implements CallEvent {}

  /** The peer acknowledged it. */
  record Acknowledged() implements CallEvent {}

  /** A renegotiation, or the first negotiation, put the call on hold. */
  record Held() implements CallEvent {}

  /** A renegotiation took the call off hold. */
  record Resumed() implements CallEvent {}

  /** The call ends; the first outcome is kept. */
  record Ended(CallOutcome outcome) implements CallEvent {}
}
