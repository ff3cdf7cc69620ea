package org.linescribe.gateway.sip;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A final response that rejects a request.
 *
 * @param status 400 to 699
 * @param reason the reason phrase: printable ASCII, without text of the peer
 * @param headers more headers, by name; several values of one are parted by line feeds
 */
public record SipRefusal(int status, String reason, Map<String, String> headers) {
  public SipRefusal {
    if (status < 400 || status > 699) {
      throw new IllegalArgumentException("status: " + status + " (expected: 400 to 699)");
    }
    headers = Map.copyOf(headers);
  }

  public static SipRefusal of(int status, String reason) {
    return new SipRefusal(status, reason, Map.of());
  }

  /** With a Warning header that explains the reason. Source: RFC 3261 §20.43. */
  public static SipRefusal warned(int status, String reason, int warnCode, String text) {
    return new SipRefusal(
        status, reason, Map.of("Warning", warnCode + " linescribe \"" + text + "\""));
  }

  /** 401 with a challenge for each algorithm, the preferred first. Source: RFC 8760 §2.3. */
  public static SipRefusal unauthorized(List<String> challenges) {
    return new SipRefusal(
        401, "Unauthorized", Map.of("WWW-Authenticate", String.join("\n", challenges)));
  }

  /** 503 with Retry-After, at least a second. */
  public static SipRefusal unavailable(String reason, Duration retryAfter) {
    long seconds = Math.max(1, retryAfter.toSeconds());
    return new SipRefusal(503, reason, Map.of("Retry-After", Long.toString(seconds)));
  }
}
