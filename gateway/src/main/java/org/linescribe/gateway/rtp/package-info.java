/**
 * RTP and RTCP sockets: each call's session lives on one event loop, which owns its sockets, jitter
 * buffer and statistics.
 *
 * <p>Callers: {@code gateway.call}. Bytes and arithmetic are {@code media}'s.
 */
@NullMarked
package org.linescribe.gateway.rtp;

import org.jspecify.annotations.NullMarked;
