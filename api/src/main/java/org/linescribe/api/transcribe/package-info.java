/**
 * {@code WS /ws/transcribe/{session_id}}: raw G.711 in, numbered partials and finals out.
 *
 * <p>Callers: none; {@link org.linescribe.api.ApiConfiguration} finds the door.
 */
@NullMarked
package org.linescribe.api.transcribe;

import org.jspecify.annotations.NullMarked;
