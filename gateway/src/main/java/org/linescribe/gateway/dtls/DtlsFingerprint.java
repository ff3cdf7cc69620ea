package org.linescribe.gateway.dtls;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The hash of a certificate, as {@code a=fingerprint} has it. SHA-1 and older hashes are not
 * accepted.
 *
 * @param hash "sha-256", "sha-384" or "sha-512"
 * @param hex upper case, with colons
 */
public record DtlsFingerprint(String hash, String hex) {
  private static final List<String> HASHES = List.of("sha-512", "sha-384", "sha-256");

  /** The best of an attribute's values; empty when none is supported. Source: RFC 8122 §5. */
  public static Optional<DtlsFingerprint> best(List<String> values) {
    for (String hash : HASHES) {
      for (String value : values) {
        String[] fields = value.strip().split("\\s+");
        if (fields.length == 2
            && fields[0].equalsIgnoreCase(hash)
            && fields[1].matches("[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31,63}")) {
          return Optional.of(new DtlsFingerprint(hash, fields[1].toUpperCase(Locale.ROOT)));
        }
      }
    }
    return Optional.empty();
  }

  /**
   * @param certificate DER
   */
  static DtlsFingerprint of(String hash, byte[] certificate) {
    try {
      byte[] digest = MessageDigest.getInstance(hash.toUpperCase(Locale.ROOT)).digest(certificate);
      return new DtlsFingerprint(
          hash, HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  boolean matches(byte[] certificate) {
    return of(hash, certificate).equals(this);
  }

  /** The attribute's value. */
  public String value() {
    return hash + " " + hex;
  }
}
