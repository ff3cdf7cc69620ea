/**
 * Session descriptions: reading, writing, and what an offer and its answer agree on.
 *
 * <p>Callers: {@code gateway.call}. Bytes and decisions only; no sockets.
 */
@NullMarked
package org.linescribe.gateway.sdp;

import org.jspecify.annotations.NullMarked;
