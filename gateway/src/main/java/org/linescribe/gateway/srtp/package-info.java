/**
 * SRTP: keys, their negotiation by SDES attributes, and the protection of packets.
 *
 * <p>Callers: {@code gateway.sdp} for keys, {@code gateway.rtp} for packets, {@code gateway.dtls}.
 * Bytes and arithmetic only; no sockets. No {@code toString} shows a key.
 */
@NullMarked
package org.linescribe.gateway.srtp;

import org.jspecify.annotations.NullMarked;
