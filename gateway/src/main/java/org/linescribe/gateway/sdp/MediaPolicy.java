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
 * @param hidesKeys whether signalling that is not secure gets no keys even where the mode requires
 *     encryption
 */
public record MediaPolicy(
    SrtpMode mode,
    boolean isSignallingSecure,
    Supplier<DtlsFingerprint> fingerprint,
    List<CodecChoice> codecs,
    boolean hidesKeys) {
  public MediaPolicy {
    codecs = List.copyOf(codecs);
  }

  /** Of a call's first peer. */
  public MediaPolicy(
      SrtpMode mode,
      boolean isSignallingSecure,
      Supplier<DtlsFingerprint> fingerprint,
      List<CodecChoice> codecs) {
    this(mode, isSignallingSecure, fingerprint, codecs, false);
  }

  /**
   * For another peer of the call: its media stay encrypted, and what the signalling so far has kept
   * secret is not told by one that does not.
   *
   * @param isSecure whether nobody reads the descriptions on the way to that peer
   * @param isProtected whether the call's media are encrypted
   */
  public MediaPolicy forAnother(boolean isSecure, boolean isProtected) {
    return new MediaPolicy(
        isProtected ? SrtpMode.REQUIRED : mode,
        isSecure,
        fingerprint,
        codecs,
        hidesKeys || isSignallingSecure);
  }
}
