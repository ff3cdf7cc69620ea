/**
 * Recording and transcription by Socket.IO: namespace {@code /streaming}, {@code POST
 * /streaming/force_stop} and {@code /static/audio/ID.wav}, all on the one HTTP port.
 *
 * <p>The protocols are spoken here: {@link org.linescribe.api.socketio.EngineServer} and {@link
 * org.linescribe.api.socketio.EngineSession} are Engine.IO 4 (long-polling, WebSocket, the upgrade
 * between them, heartbeats), {@link org.linescribe.api.socketio.SocketClient} is Socket.IO 5
 * (namespaces, events, attachments). What a client says is a {@link
 * org.linescribe.api.socketio.Recording}.
 *
 * <p>Callers: none; the API is found by being there.
 */
@NullMarked
package org.linescribe.api.socketio;

import org.jspecify.annotations.NullMarked;
