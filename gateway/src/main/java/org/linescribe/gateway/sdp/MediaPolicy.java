package org.linescribe.gateway.sdp;

import java.util.List;
import java.util.function.Supplier;
import org.linescribe.gateway.dtls.DtlsFingerprint;
import org.linescribe.gateway.srtp.SrtpMode;

/**
 * What a call may negotiate for its media.
 *
 * @param isSignallingSecure whether nobody on the way reads our descriptions, so that we may offer
 *     keys in them
 * @param fingerprint of our certificate for media, which is made when it is asked for first
 * @param codecs that it may have, the preferred one first
 */
public record MediaPolicy(
    SrtpMode mode,
    boolean isSignallingSecure,
    Supplier<DtlsFingerprint> fingerprint,
    List<CodecChoice> codecs) {
  public MediaPolicy {
    codecs = List.copyOf(codecs);
  }
}
