package org.linescribe.gateway.call;

/**
 * Where a call is.
 *
 * <pre>
 * OPENING ─Opened→ RINGING ─Answered→ ANSWERED ─Acknowledged→ ACTIVE ⇄ HELD
 *    └──────────────┴───────────────────┴─────────Ended─────────┴───────┴→ ENDED
 * </pre>
 */
enum CallState {
  /** Ports and the session are being had. */
  OPENING,
  /** The session is open, the call is not answered. */
  RINGING,
  /** 200 was sent. */
  ANSWERED,
  ACTIVE,
  /** The peer does not listen, or sends nothing. */
  HELD,
  ENDED;

  /** The state after an event; the same where the event means nothing (late, or a repetition). */
  CallState after(CallEvent event) {
    return switch (event) {
      case CallEvent.Opened opened -> this == OPENING ? RINGING : this;
      case CallEvent.Answered answered -> this == RINGING ? ANSWERED : this;
      case CallEvent.Acknowledged acknowledged -> this == ANSWERED ? ACTIVE : this;
      case CallEvent.Held held -> this == ACTIVE ? HELD : this;
      case CallEvent.Resumed resumed -> this == HELD ? ACTIVE : this;
      case CallEvent.Ended ended -> ENDED;
    };
  }

  /** The peer has our 200: from here on a BYE ends the call, before it a final response. */
  boolean isAnswered() {
    return this == ANSWERED || this == ACTIVE || this == HELD;
  }
}
