/**
 * {@code WS /ws/transcribe/{session_id}?codec=auto|pcmu|pcma[&endpoint_ms=]}: raw G.711 in,
 * numbered partials and finals out.
 *
 * <p>Callers: none; {@link org.linescribe.api.http.ApiConfiguration} finds the API.
 *
 * <p>In: binary messages of any size up to {@code linescribe.api.max-message}, 8 kHz, one byte a
 * sample, cut anywhere; empty ones are ignored, text ones logged and counted. Out: {@code {"type":
 * "partial" | "final", "text", "seq"}}; partials on change, finals when they are durable. A source
 * that waits for a message gets the current text after {@code answer-after}, one that sends nothing
 * for {@code flush-after} its open utterance as a final. Audio is never dropped: when the
 * recogniser is behind, the socket is not read. A disconnect, clean or not, ends the utterance; the
 * next connection goes on at the next number.
 *
 * <p>A client that is refused is closed after the upgrade, as a browser shows no HTTP status:
 *
 * <ul>
 *   <li>1000 no audio for the idle time
 *   <li>1001 the gateway is shutting down
 *   <li>1002 a broken frame
 *   <li>1008 bad session id, codec or endpoint_ms; the session's length used up; finals left unread
 *   <li>1009 a message over the limit
 *   <li>1011 an unexpected failure
 *   <li>1013 overloaded, too many sockets, store unavailable: the reason says when to come again
 *   <li>4001 a newer connection took the session
 * </ul>
 */
@NullMarked
package org.linescribe.api.transcribe;

import org.jspecify.annotations.NullMarked;
