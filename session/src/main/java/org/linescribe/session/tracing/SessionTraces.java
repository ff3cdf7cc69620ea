package org.linescribe.session.tracing;

import java.util.Optional;
import org.linescribe.session.SessionId;

/**
 * Records what sessions do as traces, one for each session.
 *
 * <p>Thread: any. Implementations do not block and throw nothing.
 */
public interface SessionTraces {
  /** Records nothing and costs nothing. */
  SessionTraces OFF = (_, _, _) -> SessionTrace.OFF;

  /**
   * Begins a part in a session's trace: of its call, or of its source. Parts that overlap share
   * what they are children of.
   *
   * @param kind of the source: "sip", "websocket"
   * @param traceParent the client's {@code traceparent} header, which the trace then continues; one
   *     that is malformed counts as none. Source: W3C Trace Context §3.2
   * @return to be ended, once
   */
  SessionTrace begin(SessionId sessionId, String kind, Optional<String> traceParent);
}
