/**
 * {@code WS /ws/media-streams[/{session_id}]}: the audio of a call as telephony platforms fork it
 * to a WebSocket of their customer's. JSON frames with base64 audio (Twilio Media Streams,
 * SignalWire, Telnyx, Plivo, Exotel) or one JSON text and then binary L16 (Vonage, jambonz {@code
 * listen}, FreeSWITCH {@code mod_audio_fork} and {@code mod_audio_stream}).
 *
 * <p>Callers: none; {@link org.linescribe.api.http.ApiConfiguration} finds the API.
 *
 * <p>Both tracks of a call are legs of one session: {@code inbound} is the caller, {@code outbound}
 * the callee. The session id is the path's, else the parameter {@code session_id}, else the call's.
 * None of these platforms has a message for an error: a client that is refused is closed with the
 * codes of all APIs.
 */
@NullMarked
package org.linescribe.api.mediastreams;

import org.jspecify.annotations.NullMarked;
