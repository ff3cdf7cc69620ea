/**
 * {@code WS /vosk}: what clients of vosk-server speak. Configuration as JSON text, audio in binary
 * messages, each answered with {@code partial} or a result with words; {@code eof} ends.
 *
 * <p>Callers: none; {@link org.linescribe.api.http.ApiConfiguration} finds the API.
 *
 * <p>vosk-server recognises a message before it answers it. Here an answer comes when the message's
 * audio is in the session, and has what is known then: a result may come with a later answer, never
 * twice, and what is left comes together after {@code eof}.
 *
 * <p>Source: alphacep/vosk-server, websocket/asr_server.py.
 */
@NullMarked
package org.linescribe.api.vosk;

import org.jspecify.annotations.NullMarked;
