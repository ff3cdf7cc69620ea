package org.linescribe.gateway.srtp;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Master key and master salt of one direction.
 *
 * <p>Thread: any; immutable. Source: RFC 3711 §3.2.1.
 */
public final class SrtpKey {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final SrtpSuite suite;
  private final byte[] keyAndSalt;

  /**
   * @param keyAndSalt of the suite's length; copied
   */
  public SrtpKey(SrtpSuite suite, byte[] keyAndSalt) {
    int expected = suite.keyBytes() + suite.saltBytes();
    if (keyAndSalt.length != expected) {
      throw new IllegalArgumentException(
          "SRTP key and salt: " + keyAndSalt.length + " bytes (expected: " + expected + ")");
    }
    this.suite = suite;
    this.keyAndSalt = keyAndSalt.clone();
  }

  static SrtpKey random(SrtpSuite suite) {
    byte[] bytes = new byte[suite.keyBytes() + suite.saltBytes()];
    RANDOM.nextBytes(bytes);
    return new SrtpKey(suite, bytes);
  }

  public SrtpSuite suite() {
    return suite;
  }

  byte[] keyAndSalt() {
    return keyAndSalt.clone();
  }

  byte[] key() {
    return Arrays.copyOf(keyAndSalt, suite.keyBytes());
  }

  byte[] salt() {
    return Arrays.copyOfRange(keyAndSalt, suite.keyBytes(), keyAndSalt.length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SrtpKey that
        && suite == that.suite
        && MessageDigest.isEqual(keyAndSalt, that.keyAndSalt);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(keyAndSalt);
  }

  /** Without the key. */
  @Override
  public String toString() {
    return suite.name();
  }
}
