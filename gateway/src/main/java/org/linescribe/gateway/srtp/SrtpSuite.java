package org.linescribe.gateway.srtp;

import java.util.Optional;
import org.jitsi.srtp.SrtpPolicy;

/**
 * A crypto suite, the preferred ones first. Source: RFC 4568 §6.2, RFC 6188 (AES-256), RFC 7714
 * (GCM), RFC 5764 §4.1.2 (DTLS profiles).
 */
public enum SrtpSuite {
  AEAD_AES_256_GCM(32, 12, 16, 16, true, 0x0008),
  AEAD_AES_128_GCM(16, 12, 16, 16, true, 0x0007),
  AES_256_CM_HMAC_SHA1_80(32, 14, 10, 10, false, 0),
  AES_CM_128_HMAC_SHA1_80(16, 14, 10, 10, false, 0x0001),
  /** Tag of 4 bytes on RTP; RTCP keeps 10 (RFC 4568 §6.2.2). */
  AES_CM_128_HMAC_SHA1_32(16, 14, 4, 10, false, 0x0002);

  private final int keyBytes;
  private final int saltBytes;
  private final int rtpTagBytes;
  private final int rtcpTagBytes;
  private final boolean isGcm;
  private final int dtlsProfile;

  SrtpSuite(
      int keyBytes,
      int saltBytes,
      int rtpTagBytes,
      int rtcpTagBytes,
      boolean isGcm,
      int dtlsProfile) {
    this.keyBytes = keyBytes;
    this.saltBytes = saltBytes;
    this.rtpTagBytes = rtpTagBytes;
    this.rtcpTagBytes = rtcpTagBytes;
    this.isGcm = isGcm;
    this.dtlsProfile = dtlsProfile;
  }

  /** The suite of an SDES attribute; AES_256_CM has two spellings in the field. */
  static Optional<SrtpSuite> of(String name) {
    if (name.equals("AES_CM_256_HMAC_SHA1_80")) {
      return Optional.of(AES_256_CM_HMAC_SHA1_80);
    }
    for (SrtpSuite suite : values()) {
      if (suite.name().equals(name)) {
        return Optional.of(suite);
      }
    }
    return Optional.empty();
  }

  public int keyBytes() {
    return keyBytes;
  }

  public int saltBytes() {
    return saltBytes;
  }

  /** Protection profile of the use_srtp extension; 0 where DTLS has none. */
  public int dtlsProfile() {
    return dtlsProfile;
  }

  SrtpPolicy rtpPolicy() {
    return policy(rtpTagBytes);
  }

  SrtpPolicy rtcpPolicy() {
    return policy(rtcpTagBytes);
  }

  private SrtpPolicy policy(int tagBytes) {
    return isGcm
        ? new SrtpPolicy(
            SrtpPolicy.AESGCM_ENCRYPTION,
            keyBytes,
            SrtpPolicy.NULL_AUTHENTICATION,
            0,
            tagBytes,
            saltBytes)
        : new SrtpPolicy(
            SrtpPolicy.AESCM_ENCRYPTION,
            keyBytes,
            SrtpPolicy.HMACSHA1_AUTHENTICATION,
            20,
            tagBytes,
            saltBytes);
  }
}
