package org.linescribe.gateway.sdp;

import org.linescribe.gateway.dtls.DtlsFingerprint;
import org.linescribe.gateway.srtp.SrtpKeys;

/** How a stream's packets are protected. */
public sealed interface MediaProtection {
  /** RTP in the clear. */
  record Plain() implements MediaProtection {}

  /** SRTP with keys from the descriptions. Source: RFC 4568. */
  record Sdes(SrtpKeys keys) implements MediaProtection {}

  /**
   * SRTP with keys from a handshake between the media ports. Source: RFC 5763.
   *
   * @param theirs the certificate that the peer must have
   * @param isClient whether we begin the handshake
   */
  record Dtls(DtlsFingerprint theirs, boolean isClient) implements MediaProtection {}
}
