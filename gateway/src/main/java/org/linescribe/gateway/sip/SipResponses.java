package org.linescribe.gateway.sip;

import gov.nist.javax.sip.address.AddressFactoryImpl;
import gov.nist.javax.sip.header.HeaderFactoryImpl;
import gov.nist.javax.sip.message.MessageFactoryImpl;
import java.net.InetAddress;
import java.text.ParseException;
import java.util.Locale;
import java.util.Set;
import javax.sip.address.SipURI;
import javax.sip.header.HeaderFactory;
import javax.sip.message.Message;
import javax.sip.message.Request;
import javax.sip.message.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes responses and their headers.
 *
 * <p>Thread: any.
 */
final class SipResponses {
  static final String ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO";
  static final String ACCEPT = "application/sdp";
  private static final Logger LOG = LoggerFactory.getLogger(SipResponses.class);

  private final MessageFactoryImpl messages = new MessageFactoryImpl();
  private final HeaderFactory headers = new HeaderFactoryImpl();
  private final AddressFactoryImpl addresses = new AddressFactoryImpl();
  private final String advertisedHost;
  private final int port;

  SipResponses(String advertisedHost, int port) {
    this.advertisedHost = advertisedHost;
    this.port = port;
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

  /** A To tag that is the same for every retransmission: what a stateless answer needs. */
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
      LOG.warn("reason phrase: {}", StackLog.cut(e.getMessage()));
    }
  }

  /** Headers that are lists; the stack takes one element at a time. */
  private static final Set<String> LISTS =
      Set.of("Allow", "Accept", "Supported", "Unsupported", "Require");

  void header(Message message, String name, String value) {
    try {
      if (!LISTS.contains(name)) {
        message.setHeader(headers.createHeader(name, value));
        return;
      }
      message.removeHeader(name);
      for (String element : value.split(",")) {
        message.addHeader(headers.createHeader(name, element.strip()));
      }
    } catch (ParseException e) {
      LOG.warn("header {}: {}", name, StackLog.cut(e.getMessage()));
    }
  }

  /** Allow, Accept, Supported. */
  void capabilities(Response response) {
    header(response, "Allow", ALLOW);
    header(response, "Accept", ACCEPT);
    header(response, "Supported", "timer");
  }

  void contact(Response response, InetAddress local, String protocol) {
    try {
      SipURI uri = addresses.createSipURI("linescribe", host(local));
      uri.setPort(port);
      if (protocol.equals("tcp")) {
        uri.setTransportParam("tcp");
      }
      response.setHeader(headers.createContactHeader(addresses.createAddress(uri)));
    } catch (ParseException e) {
      throw new IllegalStateException(e);
    }
  }

  void sdp(Response response, byte[] description) {
    if (description.length == 0) {
      return;
    }
    try {
      response.setContent(description, headers.createContentTypeHeader("application", "sdp"));
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
