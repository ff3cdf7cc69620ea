/**
 * The WebSocket transport: routing, limits, messages, keep-alive, slow readers, close codes.
 * Callers: the APIs that declare a {@link org.linescribe.api.websocket.WebSocketRoute}.
 */
@NullMarked
package org.linescribe.api.websocket;

import org.jspecify.annotations.NullMarked;
