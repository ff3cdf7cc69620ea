package org.linescribe.gateway.call;

/**
 * The state of a call.
 *
 * <pre>
 * OPENING ─Opened→ RINGING ─Answered→ ANSWERED ─Acknowledged→ ACTIVE ⇄ HELD
 *    └──────────────┴───────────────────┴─────────Ended─────────┴───────┴→ ENDED
 * </pre>
 */
enum CallState {
  /** Allocating ports and opening the session. */
  OPENING,
  /** The session is open, the call not yet answered. */
  RINGING,
  /** 200 was sent. */
  ANSWERED,
  ACTIVE,
  /** The negotiated direction is sendonly or inactive for the peer. */
  HELD,
  ENDED;

  /** The state after an event; unchanged when the event is late or repeated. */
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

  /** The 200 was sent: a BYE ends the call from here on, a final response before. */
  boolean isAnswered() {
    return this == ANSWERED || this == ACTIVE || this == HELD;
  }
}
