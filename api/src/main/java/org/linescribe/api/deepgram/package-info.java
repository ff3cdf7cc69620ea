/**
 * {@code WS /v1/listen} and {@code POST /v1/listen} as Deepgram's clients speak them, so that
 * deepgram-sdk works with its base URL changed.
 *
 * <p>Callers: none; {@link org.linescribe.api.http.ApiConfiguration} finds the API.
 *
 * <p>{@code request_id} is the session id. With {@code multichannel} each channel is a leg. What
 * would change the transcript and is not offered (redact, diarize …) is refused; what only names a
 * model of Deepgram's or improves its text is ignored.
 *
 * <p>Source: Deepgram API reference, Listen v1; deepgram-sdk 7.17 (Python), 5.13 (JavaScript).
 */
@NullMarked
package org.linescribe.api.deepgram;

import org.jspecify.annotations.NullMarked;
