package org.linescribe.api.access;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import org.linescribe.media.resources.Sha256;

/**
 * How keys are made and hashed: 256 random bits, kept as their SHA-256. A slow, salted hash is for
 * passwords, which can be guessed; nobody guesses 256 bits, and a key is checked on every request.
 */
final class ApiKey {
  /** Tells scanners for leaked secrets, and people, what they look at. */
  private static final String PREFIX = "ls_";

  private static final int RANDOM_BYTES = 32;

  private ApiKey() {}

  static String random(SecureRandom random) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static byte[] sha256(String key) {
    return Sha256.digest().digest(key.getBytes(StandardCharsets.UTF_8));
  }
}
