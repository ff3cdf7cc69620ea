/**
 * Audio sessions: {@code WS /api/ws/audio[/{session_id}]} and {@code /api/audio/sessions…}. Chunks
 * of one continuous stream per connection become one WAV file per session and, where asked for, a
 * transcript of the same id.
 *
 * <h2>What an acknowledgement means</h2>
 *
 * Raw PCM, and WAV at the session's rate and channels: every whole frame received so far is in the
 * file and counted by its header. Everything else is decoded by a child that holds audio back; then
 * the received bytes are in a spool file beside the WAV until their audio is in it. A gateway that
 * is killed at any moment therefore loses nothing that it acknowledged: the WAV is playable as it
 * lies there, and the next start decodes the rest of the spool into it, exactly once.
 *
 * <p>Callers: none; the API is found by being there.
 */
@NullMarked
package org.linescribe.api.audiosessions;

import org.jspecify.annotations.NullMarked;
