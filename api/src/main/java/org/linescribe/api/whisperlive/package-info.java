/**
 * {@code WS /whisperlive}: what clients of WhisperLive speak. Options as JSON text, float samples
 * at 16 kHz in binary messages, the last segments with each change of them, {@code END_OF_AUDIO}.
 *
 * <p>Callers: none; {@link org.linescribe.api.http.ApiConfiguration} finds the API.
 *
 * <p>The client's {@code uid} is the session's id, so that a client that connects again, as
 * WhisperLive's own does by {@code max_retries}, goes on in its session.
 *
 * <p>Source: collabora/WhisperLive 0.10.0, whisper_live/server.py and client.py.
 */
@NullMarked
package org.linescribe.api.whisperlive;

import org.jspecify.annotations.NullMarked;
