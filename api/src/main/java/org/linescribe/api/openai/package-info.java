/**
 * {@code POST /v1/audio/transcriptions} and the transcription session of {@code WS /v1/realtime} as
 * OpenAI's clients speak them, so that the official {@code openai} packages work with their base
 * URL changed.
 *
 * <p>Callers: none; {@link org.linescribe.api.http.ApiConfiguration} finds the API.
 *
 * <p>Source: OpenAI API reference, Audio and Realtime; openai 3.57 (Python), 6.49 (Node).
 */
@NullMarked
package org.linescribe.api.openai;

import org.jspecify.annotations.NullMarked;
