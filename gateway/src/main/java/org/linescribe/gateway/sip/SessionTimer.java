package org.linescribe.gateway.sip;

import gov.nist.javax.sip.message.SIPRequest;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.sip.header.ExtensionHeader;
import javax.sip.header.Header;
import javax.sip.message.Message;
import javax.sip.message.Request;
import javax.sip.message.Response;

/**
 * The session timer of a dialog: when the peer offers an interval, the answer grants it, with the
 * peer as refresher unless it asks us. We refresh by UPDATE; a peer that does not allow it and asks
 * us is answered without a timer, which RFC 4028 §9 allows.
 *
 * <p>Thread: the dialog's. Source: RFC 4028 §9.
 */
final class SessionTimer {
  /** The minimum that RFC 4028 §4 recommends. */
  private static final int MIN_SECONDS = 90;

  private volatile int intervalSeconds;
  private volatile int minSeconds = MIN_SECONDS;
  private volatile boolean refreshes;

  /**
   * Time within which the session must be refreshed: by the peer before the expiry, by us until
   * then; empty without a timer. Source: RFC 4028 §10.
   */
  Optional<Duration> limit() {
    if (intervalSeconds == 0) {
      return Optional.empty();
    }
    return Optional.of(refreshes ? Duration.ofSeconds(intervalSeconds) : limit(intervalSeconds));
  }

  /** RFC 4028 §10: we refresh after half the interval. */
  Optional<Duration> refreshAfter() {
    return intervalSeconds != 0 && refreshes
        ? Optional.of(Duration.ofSeconds(intervalSeconds / 2))
        : Optional.empty();
  }

  /** RFC 4028 §10: before the expiry, by 32 s or a third of the interval. */
  static Duration limit(int intervalSeconds) {
    return Duration.ofSeconds(intervalSeconds - Math.min(32, intervalSeconds / 3));
  }

  /** 422 for an interval below the minimum, from a peer that supports session timers. */
  static Optional<SipRefusal> refusal(SIPRequest request) {
    int requested = requestedSeconds(request);
    return requested >= 0 && requested < MIN_SECONDS
        ? Optional.of(
            new SipRefusal(
                422, "Session Interval Too Small", Map.of("Min-SE", Integer.toString(MIN_SECONDS))))
        : Optional.empty();
  }

  void stamp(Request request, Response ok, SipResponses responses) {
    int requested = requestedSeconds(request);
    boolean weShouldRefresh =
        value(request, "Session-Expires", "x").replace(" ", "").contains("refresher=uas");
    boolean canRefresh =
        refreshes
            || RequestValidator.tokens(request, "Allow")
                .contains(Request.UPDATE.toLowerCase(Locale.ROOT));
    intervalSeconds = requested < 0 || weShouldRefresh && !canRefresh ? 0 : requested;
    refreshes = intervalSeconds != 0 && weShouldRefresh;
    if (intervalSeconds == 0) {
      return;
    }
    responses.header(
        ok, "Session-Expires", intervalSeconds + ";refresher=" + (refreshes ? "uas" : "uac"));
    responses.header(ok, "Require", "timer");
  }

  /** Marks a request of ours that refreshes the session. */
  void stampRefresh(Request request, SipResponses responses) {
    responses.header(request, "Session-Expires", intervalSeconds + ";refresher=uac");
    responses.header(request, "Min-SE", Integer.toString(minSeconds));
    responses.header(request, "Supported", "timer");
  }

  /**
   * The peer answers our refresh: a 2xx says the interval from now on and who refreshes, where it
   * says anything, and a 422 the least interval. Source: RFC 4028 §7.2, §7.3.
   */
  void onRefreshAnswered(Response response) {
    int status = response.getStatusCode();
    if (status < 300) {
      int seconds = seconds(response, "Session-Expires", "x");
      if (seconds >= MIN_SECONDS) {
        intervalSeconds = seconds;
        refreshes = !value(response, "Session-Expires", "x").replace(" ", "").contains("=uas");
      }
    } else if (status == 422) {
      minSeconds = Math.max(minSeconds, seconds(response, "Min-SE", "Min-SE"));
      intervalSeconds = Math.max(intervalSeconds, minSeconds);
    }
  }

  private static int seconds(Message message, String name, String shortName) {
    String digits = value(message, name, shortName).split(";", 2)[0].strip();
    return digits.matches("\\d{1,7}") ? Integer.parseInt(digits) : -1;
  }

  /** The interval requested by a peer that supports session timers; -1 for none. */
  private static int requestedSeconds(Request request) {
    return RequestValidator.tokens(request, "Supported").contains("timer")
            || RequestValidator.tokens(request, "Require").contains("timer")
        ? seconds(request, "Session-Expires", "x")
        : -1;
  }

  private static String value(Message message, String name, String shortName) {
    Header header = message.getHeader(name);
    if (header == null) {
      header = message.getHeader(shortName);
    }
    if (header instanceof ExtensionHeader extension) {
      return extension.getValue().toLowerCase(Locale.ROOT);
    }
    String text = header == null ? "" : header.toString();
    return text.substring(text.indexOf(':') + 1).strip().toLowerCase(Locale.ROOT);
  }
}
