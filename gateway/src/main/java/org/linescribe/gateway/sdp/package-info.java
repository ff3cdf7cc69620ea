/**
 * Session descriptions: parsing, writing and the offer/answer model.
 *
 * <p>Callers: {@code gateway.call}. Bytes and decisions only; no sockets.
 */
@NullMarked
package org.linescribe.gateway.sdp;

import org.jspecify.annotations.NullMarked;
