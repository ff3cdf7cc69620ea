/**
 * ICE as a lite agent: our credentials, and the answers to a peer's connectivity checks.
 *
 * <p>Callers: {@code gateway.sdp} and {@code gateway.rtp}. Bytes and decisions only; no sockets.
 */
@NullMarked
package org.linescribe.gateway.ice;

import org.jspecify.annotations.NullMarked;
