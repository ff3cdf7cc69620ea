package org.linescribe.gateway.sip;

import gov.nist.javax.sip.ListeningPointImpl;
import gov.nist.javax.sip.message.MessageFactoryImpl;
import gov.nist.javax.sip.message.SIPRequest;
import gov.nist.javax.sip.stack.SIPTransaction;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.sip.ClientTransaction;
import javax.sip.InvalidArgumentException;
import javax.sip.ListeningPoint;
import javax.sip.ResponseEvent;
import javax.sip.SipException;
import javax.sip.header.ViaHeader;
import javax.sip.message.Request;

/**
 * Sends requests outside of dialogs from the gateway's own sockets.
 *
 * <p>Thread: any; calls block for a name lookup.
 */
public final class SipClient {
  /** User of our requests that are nobody's. */
  private static final String USER = "linescribe";

  private final SipServer server;
  private final MessageFactoryImpl messages = new MessageFactoryImpl();
  private final Map<String, SipLocator.Target> answering =
      RequestFailover.Outgoing.noneAnsweredYet();

  SipClient(SipServer server) {
    this.server = server;
  }

  /** A final answer that somebody waits for. */
  static class Reply extends CompletableFuture<SipReply> {
    private final String contact;
    private volatile boolean heard;

    Reply(String contact) {
      this.contact = contact;
    }

    /** Sends a transaction. */
    interface Sending {
      void send(ClientTransaction transaction) throws SipException;
    }

    /**
     * Sends the request that it is the answer to. Where its connection cannot be opened, or ends
     * before, there will be none: told at once, as the stack would wait for it for 32 s.
     */
    final void send(ClientTransaction transaction, Sending sending) throws SipException {
      sending.send(transaction);
      if (((SIPTransaction) transaction).getMessageChannel() instanceof SipMessageChannel channel) {
        channel.onLost(this, () -> complete(SipReply.none()));
      }
    }

    /** A provisional answer came: the server is there. */
    void heard() {
      heard = true;
    }

    boolean isHeard() {
      return heard;
    }

    void answered(ResponseEvent event) {
      complete(SipReply.of(event.getResponse(), contact));
    }
  }

  /**
   * One REGISTER.
   *
   * @param registrar Request-URI, such as {@code sip:pbx.example.com:5060;transport=tcp}
   * @param user user part of the address of record and of our Contact
   * @param domain its host
   * @param callId the same for every request of a registration
   * @param cseq one higher with each
   * @param expires zero ends the registration
   * @param headers more headers: credentials
   */
  public record Registration(
      String registrar,
      String user,
      String domain,
      String callId,
      long cseq,
      Duration expires,
      Map<String, String> headers) {
    public Registration {
      headers = Map.copyOf(headers);
    }
  }

  /**
   * Sends a REGISTER to the registrar's servers, one after another until one answers otherwise than
   * with 503 or in time. Source: RFC 3261 §10.2.
   *
   * @return completes with the final answer, or with 408; where it is completed otherwise before,
   *     no further server is asked
   */
  public CompletionStage<SipReply> register(Registration registration) {
    String user = registration.user();
    String aor = "<sip:" + user + "@" + registration.domain() + ">";
    return send(
        registration.registrar(),
        "sip:" + user + "@",
        target ->
            request(
                "REGISTER",
                registration.registrar(),
                target,
                new Identity(aor, tag(), aor, user, registration.callId(), registration.cseq()),
                "Expires: " + registration.expires().toSeconds() + "\r\n",
                registration.headers()));
  }

  /**
   * Asks a peer by OPTIONS whether it is there, at its servers as {@link #register} does. Source:
   * RFC 3261 §11.1.
   *
   * @param peer Request-URI, such as {@code sip:sbc.example.com;transport=tcp}
   * @return completes with the final answer, or with 408
   */
  public CompletionStage<SipReply> ask(String peer) {
    String callId = UUID.randomUUID().toString();
    return send(
        peer,
        "",
        target -> {
          String from = server.responses().contactUri(USER, local(target), "udp");
          return request(
              "OPTIONS",
              peer,
              target,
              new Identity("<" + from + ">", tag(), "<" + peer + ">", USER, callId, 1),
              "Accept: application/sdp\r\n",
              Map.of());
        });
  }

  /** Makes a request for a server. */
  private interface Made {
    Request request(SipLocator.Target target) throws ParseException, InvalidArgumentException;
  }

  /**
   * Who a request is from and to.
   *
   * @param user user part of our Contact
   */
  record Identity(String from, String fromTag, String to, String user, String callId, long cseq) {}

  private static String tag() {
    return UUID.randomUUID().toString().substring(0, 8);
  }

  private CompletionStage<SipReply> send(String uri, String ourContact, Made made) {
    try {
      return server
          .failover()
          .send(
              server,
              new RequestFailover.Outgoing(
                  server.responses().uri(uri),
                  SipProtocol.UDP,
                  answering,
                  target -> attempt(target, ourContact, made)));
    } catch (ParseException e) {
      return CompletableFuture.completedStage(SipReply.none());
    }
  }

  private CompletableFuture<SipReply> attempt(
      SipLocator.Target target, String ourContact, Made made) {
    Reply reply = new Reply(ourContact);
    try {
      Request request = made.request(target);
      // SourceRouter sends it there.
      ((SIPRequest) request).setApplicationData(target.hop());
      ClientTransaction transaction = server.provider().getNewClientTransaction(request);
      transaction.setApplicationData(reply);
      reply.send(transaction, ClientTransaction::sendRequest);
    } catch (SipException | ParseException | InvalidArgumentException | RuntimeException e) {
      reply.complete(SipReply.none());
    }
    return reply;
  }

  private InetAddress local(SipLocator.Target target) {
    return server.localAddressFor(new InetSocketAddress(target.address(), target.port()));
  }

  Request request(
      String method,
      String uri,
      SipLocator.Target target,
      Identity identity,
      String more,
      Map<String, String> headers)
      throws ParseException, InvalidArgumentException {
    String transport = target.protocol().lowerCase();
    ListeningPoint point = server.provider().getListeningPoint(transport);
    if (point == null) {
      throw new InvalidArgumentException("transport " + transport + " is not served");
    }
    ViaHeader via = ((ListeningPointImpl) point).getViaHeader();
    via.setRPort();
    Request request =
        messages.createRequest(
            method
                + " "
                + uri
                + " SIP/2.0\r\n"
                + via.toString().strip()
                + "\r\nMax-Forwards: 70\r\nFrom: "
                + identity.from()
                + ";tag="
                + identity.fromTag()
                + "\r\nTo: "
                + identity.to()
                + "\r\nCall-ID: "
                + identity.callId()
                + "\r\nCSeq: "
                + identity.cseq()
                + " "
                + method
                + "\r\nContact: <"
                + server.responses().contactUri(identity.user(), local(target), transport)
                + ">\r\n"
                + more
                + "User-Agent: LineScribe\r\nContent-Length: 0\r\n\r\n");
    headers.forEach((name, value) -> server.responses().header(request, name, value));
    return request;
  }
}
