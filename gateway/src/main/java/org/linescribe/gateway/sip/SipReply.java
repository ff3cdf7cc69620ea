package org.linescribe.gateway.sip;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sip.header.ContactHeader;
import javax.sip.header.ExpiresHeader;
import javax.sip.header.Header;
import javax.sip.message.Response;

/**
 * The final answer to a request of ours.
 *
 * @param status 408 when none came
 * @param challenges of a 401 or 407, in their order
 * @param expires how long our binding lasts, of the answer to a REGISTER
 * @param minExpires of a 423
 * @param retryAfter of a refusal
 */
public record SipReply(
    int status,
    List<String> challenges,
    Optional<Duration> expires,
    Optional<Duration> minExpires,
    Optional<Duration> retryAfter) {
  private static final Pattern SECONDS = Pattern.compile(":\\s*(\\d{1,9})");

  public SipReply {
    challenges = List.copyOf(challenges);
  }

  /** No answer came. */
  public static SipReply none() {
    return of(Response.REQUEST_TIMEOUT);
  }

  /** A status that was not sent, but stands for what happened. */
  static SipReply of(int status) {
    return new SipReply(status, List.of(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Whether nothing answers there, or what does cannot serve now: another server may. */
  public boolean isUnavailable() {
    return status == Response.REQUEST_TIMEOUT || status == Response.SERVICE_UNAVAILABLE;
  }

  static SipReply of(Response response, String ourContact) {
    List<String> challenges = new ArrayList<>();
    String name =
        response.getStatusCode() == Response.PROXY_AUTHENTICATION_REQUIRED
            ? "Proxy-Authenticate"
            : "WWW-Authenticate";
    Iterator<?> headers = response.getHeaders(name);
    while (headers.hasNext()) {
      String text = headers.next().toString();
      challenges.add(text.substring(text.indexOf(':') + 1).strip());
    }
    return new SipReply(
        response.getStatusCode(),
        challenges,
        expires(response, ourContact),
        seconds(response, "Min-Expires"),
        seconds(response, "Retry-After"));
  }

  /** A registrar lists all bindings of the user. Source: RFC 3261 §10.2.4. */
  private static Optional<Duration> expires(Response response, String ourContact) {
    Iterator<?> contacts = response.getHeaders(ContactHeader.NAME);
    while (contacts.hasNext()) {
      ContactHeader contact = (ContactHeader) contacts.next();
      if (contact.getExpires() >= 0
          && contact.getAddress().getURI().toString().startsWith(ourContact)) {
        return Optional.of(Duration.ofSeconds(contact.getExpires()));
      }
    }
    return response.getExpires() instanceof ExpiresHeader header && header.getExpires() >= 0
        ? Optional.of(Duration.ofSeconds(header.getExpires()))
        : Optional.empty();
  }

  private static Optional<Duration> seconds(Response response, String name) {
    Header header = response.getHeader(name);
    Matcher matcher = SECONDS.matcher(header == null ? "" : header.toString());
    return matcher.find()
        ? Optional.of(Duration.ofSeconds(Long.parseLong(matcher.group(1))))
        : Optional.empty();
  }
}
