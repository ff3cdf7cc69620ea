package org.linescribe.gateway.sip;

import gov.nist.javax.sip.address.AddressFactoryImpl;
import gov.nist.javax.sip.header.HeaderFactoryImpl;
import gov.nist.javax.sip.message.MessageFactoryImpl;
import gov.nist.javax.sip.message.SIPResponse;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.sip.address.SipURI;
import javax.sip.header.ContactHeader;
import javax.sip.header.ContentTypeHeader;
import javax.sip.header.HeaderFactory;
import javax.sip.message.Message;
import javax.sip.message.Request;
import javax.sip.message.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates responses and their headers.
 *
 * <p>Thread: any.
 */
final class SipResponses {
  static final String ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, PRACK";
  static final String ACCEPT =
      "application/sdp, multipart/mixed, application/rs-metadata+xml, application/rs-metadata";
  private static final Logger LOG = LoggerFactory.getLogger(SipResponses.class);

  private final MessageFactoryImpl messages = new MessageFactoryImpl();
  private final HeaderFactory headers = new HeaderFactoryImpl();
  private final AddressFactoryImpl addresses = new AddressFactoryImpl();
  private final String advertisedHost;
  private final Map<SipProtocol, Integer> ports;

  /**
   * @param ports where each transport that is on listens
   */
  SipResponses(String advertisedHost, Map<SipProtocol, Integer> ports) {
    this.advertisedHost = advertisedHost;
    this.ports = Map.copyOf(ports);
  }

  Response to(Request request, int status) {
    try {
      Response response = messages.createResponse(status, request);
      header(response, "Server", "LineScribe");
      return response;
    } catch (ParseException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Adds a To tag that is the same for every retransmission, as a stateless response needs. */
  void statelessTag(Request request, Response response) {
    javax.sip.header.ToHeader to = (javax.sip.header.ToHeader) response.getHeader("To");
    if (to != null && to.getTag() == null) {
      try {
        to.setTag(Integer.toHexString(request.getHeader("Call-ID").toString().hashCode()));
      } catch (ParseException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  void phrase(Response response, String phrase) {
    try {
      response.setReasonPhrase(phrase);
    } catch (ParseException e) {
      LOG.warn("reason phrase: {}", JainSipLog.cut(e.getMessage()));
    }
  }

  /** Headers with list values; the stack accepts one element at a time. */
  private static final Set<String> LISTS =
      Set.of("Allow", "Accept", "Supported", "Unsupported", "Require", "WWW-Authenticate");

  private static final String CHALLENGE = "WWW-Authenticate";

  void header(Message message, String name, String value) {
    try {
      if (!LISTS.contains(name)) {
        message.setHeader(headers.createHeader(name, value));
        return;
      }
      message.removeHeader(name);
      for (String element : value.split(name.equals(CHALLENGE) ? "\n" : ",")) {
        message.addHeader(headers.createHeader(name, element.strip()));
      }
    } catch (ParseException e) {
      LOG.warn("header {}: {}", name, JainSipLog.cut(e.getMessage()));
    }
  }

  /**
   * Allow, Accept, Supported.
   *
   * @param referrals whether REFER is among them
   */
  void capabilities(Response response, boolean referrals) {
    header(response, "Allow", referrals ? ALLOW + ", REFER" : ALLOW);
    header(response, "Accept", ACCEPT);
    String supported = "timer, siprec, 100rel, replaces";
    header(response, "Supported", referrals ? supported + ", norefersub" : supported);
  }

  /** The status line of a response as content. Source: RFC 3515 §2.4.5, RFC 3420. */
  void statusLine(Request notify, int status) {
    String line = "SIP/2.0 " + status + " " + SIPResponse.getReasonPhrase(status) + "\r\n";
    try {
      ContentTypeHeader type = headers.createContentTypeHeader("message", "sipfrag");
      type.setParameter("version", "2.0");
      notify.setContent(line.getBytes(StandardCharsets.US_ASCII), type);
    } catch (ParseException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Contact carries +sip.srs in a recording session (RFC 7866 §6.1.2). */
  void contact(Message message, SipDialog dialog) {
    try {
      SipProtocol protocol = SipProtocol.of(dialog.protocol());
      SipURI uri = addresses.createSipURI("linescribe", host(dialog.localAddress()));
      uri.setPort(Objects.requireNonNull(ports.get(protocol)));
      // RFC 3261 §12.1.1: a dialog by a sips URI has a sips Contact, without transport=tls.
      uri.setSecure(dialog.isSips());
      if (protocol.isWebSocket()) {
        // RFC 7118 §5: ws in URIs, with and without TLS.
        uri.setTransportParam("ws");
      } else if (protocol.isStream() && !dialog.isSips()) {
        uri.setTransportParam(protocol.lowerCase());
      }
      ContactHeader contact = headers.createContactHeader(addresses.createAddress(uri));
      if (dialog.isRecordingSession()) {
        contact.setParameter("+sip.srs", null);
      }
      message.setHeader(contact);
    } catch (ParseException e) {
      throw new IllegalStateException(e);
    }
  }

  SipURI uri(String text) throws ParseException {
    if (addresses.createURI(text) instanceof SipURI uri) {
      return uri;
    }
    throw new ParseException("not a SIP URI", 0);
  }

  /** Our Contact under a user's name, where a registrar sends its calls. */
  String contactUri(String user, InetAddress local, String transport) {
    Integer port = ports.get(SipProtocol.of(transport));
    return "sip:"
        + user
        + "@"
        + host(local)
        + ":"
        + (port == null ? ports.get(SipProtocol.UDP) : port)
        + (transport.equalsIgnoreCase("udp") ? "" : ";transport=" + transport);
  }

  void sdp(Message message, byte[] description) {
    if (description.length == 0) {
      return;
    }
    try {
      message.setContent(description, headers.createContentTypeHeader("application", "sdp"));
    } catch (ParseException e) {
      throw new IllegalStateException(e);
    }
  }

  private String host(InetAddress local) {
    if (!advertisedHost.isEmpty()) {
      return advertisedHost.toLowerCase(Locale.ROOT);
    }
    String text = local.getHostAddress();
    return text.contains(":") ? "[" + text.replaceFirst("%.*", "") + "]" : text;
  }
}
