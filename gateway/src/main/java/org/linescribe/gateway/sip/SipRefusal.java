package org.linescribe.gateway.sip;

import java.time.Duration;
import java.util.Map;

/**
 * A final response that refuses.
 *
 * @param status 400 to 699
 * @param reason the reason phrase: printable ASCII, nothing of the peer's
 * @param headers more headers, by name
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

  /** With a Warning that says more than a phrase can. Source: RFC 3261 §20.43. */
  public static SipRefusal warned(int status, String reason, int warnCode, String text) {
    return new SipRefusal(
        status, reason, Map.of("Warning", warnCode + " linescribe \"" + text + "\""));
  }

  /** 503 with Retry-After, at least a second. */
  public static SipRefusal unavailable(String reason, Duration retryAfter) {
    long seconds = Math.max(1, retryAfter.toSeconds());
    return new SipRefusal(503, reason, Map.of("Retry-After", Long.toString(seconds)));
  }
}
