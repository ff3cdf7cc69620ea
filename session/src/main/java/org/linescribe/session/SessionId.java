package org.linescribe.session;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Identifies a transcript: 1 to 128 characters of RFC 3986's unreserved set and {@code + ! @ :}, so
 * that a SIP Call-ID fits, and never "." or "..": safe in a URL's path, a SIP header and a file
 * name.
 */
public record SessionId(String value) {
  /** What an id is, for the message to whoever gives another. */
  public static final String SYNTAX = "1 to 128 of A-Z a-z 0-9 . _ ~ - + ! @ :, not only dots";

  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._~+!@:-]{1,128}");
  private static final SecureRandom RANDOM = new SecureRandom();

  public SessionId {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "session id: " + value.length() + " characters (expected: " + SYNTAX + ")");
    }
  }

  public static boolean isValid(String value) {
    return ALLOWED.matcher(value).matches() && !value.equals(".") && !value.equals("..");
  }

  /** A fresh UUID version 7, which sorts by its time. Source: RFC 9562 §5.7. */
  public static SessionId random(long nowMs) {
    long low = RANDOM.nextLong();
    long high = (nowMs << 16) | 0x7000L | (RANDOM.nextLong() & 0x0FFFL);
    return new SessionId(new UUID(high, (low >>> 2) | 0x8000_0000_0000_0000L).toString());
  }

  @Override
  public String toString() {
    return value;
  }
}
