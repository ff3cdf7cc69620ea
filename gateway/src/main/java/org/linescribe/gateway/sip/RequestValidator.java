package org.linescribe.gateway.sip;

import gov.nist.javax.sip.message.SIPRequest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sip.address.SipURI;
import javax.sip.header.ContactHeader;
import javax.sip.header.ContentTypeHeader;
import javax.sip.header.Header;
import javax.sip.message.Request;
import org.jspecify.annotations.Nullable;

/**
 * Inspects a request in the order of RFC 3261 §8.2: method, Request-URI, required extensions,
 * content.
 *
 * <p>Thread: any.
 */
record RequestValidator(SipSettings settings) {
  private static final Set<String> SERVED =
      Set.of(
          Request.INVITE,
          Request.BYE,
          Request.OPTIONS,
          Request.UPDATE,
          Request.INFO,
          Request.PRACK);

  /** Standard methods that are not supported: 405. Unknown methods get 501. */
  private static final Set<String> KNOWN =
      Set.of(
          Request.REGISTER,
          Request.MESSAGE,
          Request.SUBSCRIBE,
          Request.NOTIFY,
          Request.PUBLISH,
          Request.REFER);

  private static final Set<String> EXTENSIONS = Set.of("timer", "siprec", "100rel", "replaces");

  /** RFC 4488 §4. */
  static final String NO_REFER_SUBSCRIPTION = "norefersub";

  private static final Set<String> INFO_TYPES =
      Set.of("application/dtmf-relay", "application/dtmf", "application/media_control+xml");

  /**
   * @param mayRefer whether REFER is served, in the dialog of the request
   */
  Optional<SipRefusal> check(SIPRequest request, boolean mayRefer) {
    String method = request.getMethod();
    if (!SERVED.contains(method) && !(mayRefer && method.equals(Request.REFER))) {
      return Optional.of(
          KNOWN.contains(method)
              ? new SipRefusal(405, "Method Not Allowed", Map.of("Allow", SipResponses.ALLOW))
              : new SipRefusal(501, "Not Implemented", Map.of("Allow", SipResponses.ALLOW)));
    }
    if (!(request.getRequestURI() instanceof SipURI uri)) {
      return Optional.of(SipRefusal.of(416, "Unsupported URI Scheme"));
    }
    // Within a dialog the Request-URI is our own Contact.
    if (request.getToTag() == null && !isServed(uri)) {
      return Optional.of(SipRefusal.of(404, "Not Found"));
    }
    List<String> unsupported = unsupported(request);
    if (!unsupported.isEmpty()) {
      return Optional.of(
          new SipRefusal(
              420, "Bad Extension", Map.of("Unsupported", String.join(", ", unsupported))));
    }
    boolean refreshes = method.equals(Request.INVITE) || method.equals(Request.UPDATE);
    return content(request).or(() -> refreshes ? SessionTimer.refusal(request) : Optional.empty());
  }

  private boolean isServed(SipURI uri) {
    String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
    return (settings.domains().isEmpty() || settings.domains().contains(host))
        && (settings.users().isEmpty() || settings.users().contains(uri.getUser()));
  }

  private static List<String> unsupported(SIPRequest request) {
    List<String> unsupported = new ArrayList<>();
    for (String option : tokens(request, "Require")) {
      if (!EXTENSIONS.contains(option)
          && !(option.equals(NO_REFER_SUBSCRIPTION) && request.getMethod().equals(Request.REFER))) {
        unsupported.add(option);
      }
    }
    return unsupported;
  }

  /** The option tags of all headers of a name, in lower case. */
  static List<String> tokens(Request request, String name) {
    List<String> tokens = new ArrayList<>();
    Iterator<?> headers = request.getHeaders(name);
    while (headers.hasNext()) {
      String text = ((Header) headers.next()).toString();
      for (String token : text.substring(text.indexOf(':') + 1).split(",")) {
        String option = token.strip();
        if (option.matches("[A-Za-z0-9.!%*_+`'~-]{1,64}")) {
          tokens.add(option.toLowerCase(Locale.ROOT));
        }
      }
    }
    return tokens;
  }

  private static Optional<SipRefusal> content(SIPRequest request) {
    String method = request.getMethod();
    byte[] body = request.getRawContent();
    boolean isInfo = method.equals(Request.INFO);
    if (!isInfo && !method.equals(Request.INVITE) && !method.equals(Request.UPDATE)) {
      return Optional.empty();
    }
    if (method.equals(Request.INVITE) && !acceptsSdp(request)) {
      return Optional.of(SipRefusal.of(406, "Not Acceptable"));
    }
    if (body == null || body.length == 0) {
      return Optional.empty();
    }
    Header encoding = request.getHeader("Content-Encoding");
    if (encoding != null && !encoding.toString().toLowerCase(Locale.ROOT).contains("identity")) {
      return Optional.of(
          new SipRefusal(415, "Unsupported Media Type", Map.of("Accept-Encoding", "identity")));
    }
    String type = type(request.getContentTypeHeader());
    boolean served =
        isInfo
            ? INFO_TYPES.contains(type)
            : type.equals("application/sdp") || !SipBody.of(request).isEmpty();
    return served
        ? Optional.empty()
        : Optional.of(
            new SipRefusal(
                415,
                "Unsupported Media Type",
                Map.of("Accept", isInfo ? String.join(", ", INFO_TYPES) : SipResponses.ACCEPT)));
  }

  /** Source: RFC 7866 §6.1.1; the metadata alone is enough where a client forgets the rest. */
  static boolean isRecordingSession(SIPRequest invite, SipBody body) {
    return body.recordingMetadata().length > 0
        || tokens(invite, "Require").contains("siprec")
        || invite.getHeader(ContactHeader.NAME) instanceof ContactHeader contact
            && contact.getParameter("+sip.src") != null;
  }

  private static boolean acceptsSdp(SIPRequest request) {
    Iterator<?> accepts = request.getHeaders("Accept");
    if (!accepts.hasNext()) {
      return true;
    }
    while (accepts.hasNext()) {
      String text = accepts.next().toString().toLowerCase(Locale.ROOT).replace(" ", "");
      if (text.contains("application/sdp")
          || text.contains("application/*")
          || text.contains("*/*")
          || text.contains("multipart/")) {
        return true;
      }
    }
    return false;
  }

  private static String type(@Nullable ContentTypeHeader header) {
    return header == null
        ? ""
        : (header.getContentType() + "/" + header.getContentSubType()).toLowerCase(Locale.ROOT);
  }
}
