/**
 * Engine.IO 4 and Socket.IO 5 for one namespace: handshake, long-polling, upgrade, heartbeat,
 * packets, attachments, acknowledgements. It knows nothing of recordings or transcripts. Callers:
 * {@code api.socketio}, which serves an {@link
 * org.linescribe.api.socketio.protocol.SocketIoNamespace}.
 */
@NullMarked
package org.linescribe.api.socketio.protocol;

import org.jspecify.annotations.NullMarked;
