/**
 * Keys for SRTP by a DTLS handshake on the media path, with Bouncy Castle's DTLS.
 *
 * <p>Callers: {@code gateway.sdp} for fingerprints, {@code gateway.rtp} for handshakes. Knows no
 * sockets: datagrams come and go as bytes.
 */
@NullMarked
package org.linescribe.gateway.dtls;

import org.jspecify.annotations.NullMarked;
