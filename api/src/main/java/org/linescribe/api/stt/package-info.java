/**
 * {@code WS /stt/stream}, {@code POST /stt/stream-chunk} and {@code GET /streaming/stats}: PCM and
 * containers in, transcriptions out, by the provider and in the language that the client asks for.
 *
 * <p>Callers: none; {@link org.linescribe.api.http.ApiConfiguration} finds the API.
 */
@NullMarked
package org.linescribe.api.stt;

import org.jspecify.annotations.NullMarked;
