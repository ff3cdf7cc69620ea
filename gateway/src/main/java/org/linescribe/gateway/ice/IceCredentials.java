package org.linescribe.gateway.ice;

import java.security.SecureRandom;

/**
 * User name fragment and password of one agent for one stream.
 *
 * <p>Source: RFC 8445 §5.3, RFC 8839 §5.4.
 */
public record IceCredentials(String ufrag, String password) {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String CHARACTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  public IceCredentials {
    if (!isValid(ufrag, password)) {
      throw new IllegalArgumentException("not ICE credentials");
    }
  }

  /** Whether both have the characters and lengths that RFC 8839 allows. */
  public static boolean isValid(String ufrag, String password) {
    return ufrag.matches("[A-Za-z0-9+/]{4,256}") && password.matches("[A-Za-z0-9+/]{22,256}");
  }

  public static IceCredentials create() {
    return new IceCredentials(random(8), random(24));
  }

  private static String random(int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(CHARACTERS.charAt(RANDOM.nextInt(CHARACTERS.length())));
    }
    return text.toString();
  }

  /** Never the password: records are logged. */
  @Override
  public String toString() {
    return "IceCredentials[ufrag=" + ufrag + "]";
  }
}
