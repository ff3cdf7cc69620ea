package org.linescribe.gateway.digest;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** The hash of a digest, strongest first. Source: RFC 8760 §2.1, RFC 7616 §6.1. */
public enum DigestAlgorithm {
  SHA_512_256("SHA-512-256", "SHA-512/256"),
  SHA_256("SHA-256", "SHA-256"),
  /** For the many PBXs that know nothing else. */
  MD5("MD5", "MD5");

  private final String token;
  private final String javaName;

  DigestAlgorithm(String token, String javaName) {
    this.token = token;
    this.javaName = javaName;
  }

  /** The name in a challenge; MD5 where the challenge names none. */
  public static Optional<DigestAlgorithm> of(String token) {
    return token.isEmpty()
        ? Optional.of(MD5)
        : Arrays.stream(values()).filter(a -> a.token.equalsIgnoreCase(token)).findFirst();
  }

  public String token() {
    return token;
  }

  private String hash(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance(javaName).digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * The response value.
   *
   * @param qop "auth", or empty for a challenge without qop (RFC 2069)
   */
  String response(
      String username,
      String realm,
      String password,
      String method,
      String uri,
      String nonce,
      String nc,
      String cnonce,
      String qop) {
    String secret = hash(username + ":" + realm + ":" + password);
    String request = hash(method + ":" + uri);
    return qop.isEmpty()
        ? hash(secret + ":" + nonce + ":" + request)
        : hash(secret + ":" + nonce + ":" + nc + ":" + cnonce + ":" + qop + ":" + request);
  }
}
