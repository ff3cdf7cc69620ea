package org.linescribe.gateway.sip;

import gov.nist.javax.sip.message.SIPRequest;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The key in the body of an INFO, as PBXs send it: {@code application/dtmf-relay} with {@code
 * Signal=5}, or {@code application/dtmf} with the key alone. Neither is in a standard.
 */
final class InfoDigit {
  private static final int MAX_BYTES = 256;
  private static final Pattern SIGNAL =
      Pattern.compile("(?im)^\\s*(?:Signal\\s*=\\s*)?([0-9*#A-D]|1[0-5])\\s*$");

  private InfoDigit() {}

  /** Empty when the body has no key. */
  static Optional<Character> of(SIPRequest info) {
    byte[] body = info.getRawContent();
    if (body == null || body.length > MAX_BYTES || info.getContentTypeHeader() == null) {
      return Optional.empty();
    }
    String type = info.getContentTypeHeader().getContentSubType();
    if (!type.equalsIgnoreCase("dtmf-relay") && !type.equalsIgnoreCase("dtmf")) {
      return Optional.empty();
    }
    Matcher signal = SIGNAL.matcher(new String(body, StandardCharsets.UTF_8));
    if (!signal.find()) {
      return Optional.empty();
    }
    String key = signal.group(1).toUpperCase(java.util.Locale.ROOT);
    return Optional.of(
        key.length() == 1 ? key.charAt(0) : "*#ABCD".charAt(Integer.parseInt(key) - 10));
  }
}
