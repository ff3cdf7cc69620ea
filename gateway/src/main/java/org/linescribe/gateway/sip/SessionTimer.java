package org.linescribe.gateway.sip;

import gov.nist.javax.sip.message.SIPRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.sip.header.ExtensionHeader;
import javax.sip.header.Header;
import javax.sip.message.Message;
import javax.sip.message.Request;
import javax.sip.message.Response;

/**
 * The session timer of a dialog, peer refreshes: when the peer offers an interval and does not ask
 * us to refresh, the answer grants it. An offer that wants us to refresh gets an answer without a
 * timer, which the RFC allows and which leaves the call without one.
 *
 * <p>Thread: the dialog's. Source: RFC 4028 §9.
 */
final class SessionTimer {
  /** The least that RFC 4028 §4 recommends. */
  private static final int MIN_SECONDS = 90;

  private volatile int intervalSeconds;

  /** How long the call goes on without a refresh by the peer; empty when there is no timer. */
  Optional<Duration> limit() {
    return intervalSeconds == 0 ? Optional.empty() : Optional.of(limit(intervalSeconds));
  }

  /** Slightly before the session expires: by 32 s, or a third of it. Source: RFC 4028 §10. */
  static Duration limit(int intervalSeconds) {
    return Duration.ofSeconds(intervalSeconds - Math.min(32, intervalSeconds / 3));
  }

  /** 422 for an interval that is too short, from a peer that can offer a longer one. */
  static Optional<SipRefusal> refusal(SIPRequest request) {
    int wished = wishedSeconds(request);
    return wished >= 0 && wished < MIN_SECONDS
        ? Optional.of(
            new SipRefusal(
                422, "Session Interval Too Small", Map.of("Min-SE", Integer.toString(MIN_SECONDS))))
        : Optional.empty();
  }

  void stamp(Request request, Response ok, SipResponses responses) {
    int wished = wishedSeconds(request);
    boolean weShouldRefresh =
        value(request, "Session-Expires", "x").replace(" ", "").contains("refresher=uas");
    intervalSeconds = wished < 0 || weShouldRefresh ? 0 : wished;
    if (intervalSeconds == 0) {
      return;
    }
    responses.header(ok, "Session-Expires", intervalSeconds + ";refresher=uac");
    responses.header(ok, "Require", "timer");
  }

  /** What a peer that knows session timers wishes; -1 for nothing. */
  private static int wishedSeconds(Request request) {
    String digits = value(request, "Session-Expires", "x").split(";", 2)[0].strip();
    return digits.matches("\\d{1,7}")
            && (RequestRules.tokens(request, "Supported").contains("timer")
                || RequestRules.tokens(request, "Require").contains("timer"))
        ? Integer.parseInt(digits)
        : -1;
  }

  private static String value(Message message, String name, String shortName) {
    Header header = message.getHeader(name);
    if (header == null) {
      header = message.getHeader(shortName);
    }
    if (header instanceof ExtensionHeader extension) {
      return extension.getValue().toLowerCase(java.util.Locale.ROOT);
    }
    String text = header == null ? "" : header.toString();
    return text.substring(text.indexOf(':') + 1).strip().toLowerCase(java.util.Locale.ROOT);
  }
}
