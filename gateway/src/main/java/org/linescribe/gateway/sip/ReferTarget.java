package org.linescribe.gateway.sip;

import gov.nist.javax.sip.address.SipUri;
import gov.nist.javax.sip.message.SIPRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import javax.sip.header.Header;
import javax.sip.header.ReferToHeader;
import javax.sip.message.Request;

/**
 * Whom a REFER asks to call, and how.
 *
 * <p>Source: RFC 3515 §2.1, RFC 3891 §6 for Replaces in the URI, RFC 3892 for Referred-By, RFC 4488
 * for Refer-Sub.
 *
 * @param uri without headers and method: the Request-URI of the INVITE
 * @param headers that the INVITE gets: Replaces, Referred-By
 * @param subscribes whether the peer wants to be told what becomes of it
 */
record ReferTarget(SipUri uri, Map<String, String> headers, boolean subscribes) {
  /** Ports of a host's other services: nobody has the gateway knock there. */
  private static final int WELL_KNOWN = 1023;

  ReferTarget {
    headers = Map.copyOf(headers);
  }

  /** The REFER asks for what is not done. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient SipRefusal refusal;

    RefusedException(int status, String reason) {
      super(reason);
      refusal = SipRefusal.of(status, reason);
    }

    SipRefusal refusal() {
      return refusal;
    }
  }

  static ReferTarget of(SIPRequest refer) throws RefusedException {
    if (!(refer.getHeader(ReferToHeader.NAME) instanceof ReferToHeader header)) {
      throw new RefusedException(400, "No Refer-To");
    }
    if (!(header.getAddress().getURI() instanceof SipUri uri)) {
      throw new RefusedException(416, "Unsupported URI Scheme");
    }
    String method = uri.getMethodParam();
    if (uri.getPort() >= 0 && uri.getPort() <= WELL_KNOWN) {
      throw new RefusedException(403, "Port Not Allowed");
    }
    // maddr would send the INVITE to another host than the one that is checked.
    if (uri.getMAddrParam() != null || method != null && !method.equals(Request.INVITE)) {
      throw new RefusedException(403, "Only Calls Are Placed");
    }
    Map<String, String> headers = new LinkedHashMap<>();
    String replaces = uri.getHeader("Replaces");
    if (replaces != null) {
      headers.put("Replaces", decoded(replaces));
    }
    String referredBy = value(refer, "Referred-By");
    if (!referredBy.isEmpty()) {
      headers.put("Referred-By", referredBy);
    }
    SipUri called = (SipUri) uri.clone();
    called.removeHeaders();
    called.removeMethod();
    boolean subscribes =
        !value(refer, "Refer-Sub").toLowerCase(Locale.ROOT).startsWith("false")
            && !RequestValidator.tokens(refer, "Require")
                .contains(RequestValidator.NO_REFER_SUBSCRIPTION);
    return new ReferTarget(called, headers, subscribes);
  }

  private static String decoded(String escaped) throws RefusedException {
    try {
      String text = URLDecoder.decode(escaped.replace("+", "%2B"), StandardCharsets.UTF_8);
      if (text.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
        return text;
      }
    } catch (IllegalArgumentException malformed) {
      // As one with control characters.
    }
    throw new RefusedException(400, "Bad Refer-To");
  }

  private static String value(SIPRequest request, String name) {
    Header header = request.getHeader(name);
    String text = header == null ? "" : header.toString();
    return text.substring(text.indexOf(':') + 1).strip();
  }
}
