package org.linescribe.gateway.sip;

import java.time.Duration;
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
  private static final int MIN_SECONDS = 90;
  private static final int MAX_SECONDS = 86_400;

  private volatile int intervalSeconds;

  /** The interval in which the peer must refresh; empty when there is no timer. */
  Optional<Duration> interval() {
    return intervalSeconds == 0
        ? Optional.empty()
        : Optional.of(Duration.ofSeconds(intervalSeconds));
  }

  void stamp(Request request, Response ok, SipResponses responses) {
    String wish = value(request, "Session-Expires", "x");
    String supported =
        value(request, "Supported", "k") + "," + value(request, "Require", "Require");
    intervalSeconds = 0;
    if (wish.isEmpty() || !supported.contains("timer") || wish.contains("refresher=uas")) {
      return;
    }
    String digits = wish.split(";", 2)[0].strip();
    if (!digits.matches("\\d{1,7}")) {
      return;
    }
    intervalSeconds = Math.clamp(Integer.parseInt(digits), MIN_SECONDS, MAX_SECONDS);
    responses.header(ok, "Session-Expires", intervalSeconds + ";refresher=uac");
    responses.header(ok, "Require", "timer");
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
