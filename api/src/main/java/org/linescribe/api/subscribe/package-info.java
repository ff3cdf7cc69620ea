/**
 * {@code WS /ws/subscribe/{session_id}?from_seq=N}: a session's transcript, replayed from a number
 * and then live.
 *
 * <p>Callers: none; {@link org.linescribe.api.http.ApiConfiguration} finds the API.
 */
@NullMarked
package org.linescribe.api.subscribe;

import org.jspecify.annotations.NullMarked;
