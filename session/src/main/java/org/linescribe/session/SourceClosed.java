package org.linescribe.session;

/** Why a session closed its source. */
public enum SourceClosed {
  /** A newer source took the session. WebSocket 4001. */
  SUPERSEDED,
  /** No audio for the idle time. */
  IDLE,
  /** The session's length is used up. */
  TOO_LONG,
  /** The gateway is shutting down; the open utterance was flushed. WebSocket 1001. */
  DRAINING,
  /** The recogniser failed and could not be replaced. WebSocket 1011. */
  FAILED
}
