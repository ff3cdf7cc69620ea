package org.linescribe.gateway.sip;

import gov.nist.javax.sip.message.SIPMessage;
import gov.nist.javax.sip.message.SIPRequest;
import gov.nist.javax.sip.stack.HopImpl;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import javax.sip.ClientTransaction;
import javax.sip.Dialog;
import javax.sip.DialogState;
import javax.sip.InvalidArgumentException;
import javax.sip.SipException;
import javax.sip.address.Address;
import javax.sip.address.Hop;
import javax.sip.address.SipURI;
import javax.sip.header.ContactHeader;
import javax.sip.header.RouteHeader;
import javax.sip.message.Request;
import javax.sip.message.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our requests within a dialog, and the way to its peer.
 *
 * <p>Thread: any.
 */
final class DialogRequests {
  private static final Logger LOG = LoggerFactory.getLogger(DialogRequests.class);

  private final SipServer server;
  private final Dialog dialog;
  private final boolean isRouted;
  private final Map<String, SipLocator.Target> answering =
      RequestFailover.Outgoing.noneAnsweredYet();
  private volatile SIPMessage newest;

  /**
   * @param isRouted whether proxies stay on the way
   * @param first the peer's INVITE, or its answer to ours
   */
  DialogRequests(SipServer server, Dialog dialog, boolean isRouted, SIPMessage first) {
    this.server = server;
    this.dialog = dialog;
    this.isRouted = isRouted;
    this.newest = first;
  }

  /** A re-INVITE or UPDATE of the peer: a target refresh. */
  void refreshed(SIPRequest refresh) {
    newest = refresh;
  }

  /**
   * @param completed adds what the method needs
   * @return completes with the status of the response, or 408
   */
  CompletionStage<Integer> send(String method, Consumer<Request> completed) {
    CompletableFuture<Integer> status = new CompletableFuture<>();
    // On a thread that may block: a host name in the peer's Contact or route is looked up.
    Thread.ofVirtual()
        .name("linescribe-sip-request")
        .start(() -> exchange(method, completed).thenAccept(r -> status.complete(r.status())));
    return status;
  }

  private CompletionStage<SipReply> exchange(String method, Consumer<Request> completed) {
    if (dialog.getState() == null || dialog.getState() == DialogState.TERMINATED) {
      return CompletableFuture.completedStage(
          SipReply.of(Response.CALL_OR_TRANSACTION_DOES_NOT_EXIST));
    }
    Optional<Hop> hop = hop();
    Optional<SipURI> named = hop.isPresent() ? Optional.empty() : namedHop();
    return named.isEmpty()
        ? attempt(method, completed, hop)
        : server
            .failover()
            .send(
                server,
                new RequestFailover.Outgoing(
                    named.get(),
                    SipServer.protocol(newest),
                    answering,
                    target -> attempt(method, completed, Optional.of(target.hop()))));
  }

  /** Each attempt is a request of its own: the stack gives it the next number. */
  private CompletableFuture<SipReply> attempt(
      String method, Consumer<Request> completed, Optional<Hop> hop) {
    SipClient.Reply reply = new SipClient.Reply("");
    try {
      Request request = dialog.createRequest(method);
      server.responses().header(request, "User-Agent", "LineScribe");
      completed.accept(request);
      hop.ifPresent(((SIPRequest) request)::setApplicationData);
      ClientTransaction transaction = server.provider().getNewClientTransaction(request);
      transaction.setApplicationData(reply);
      reply.send(transaction, dialog::sendRequest);
    } catch (SipException | RuntimeException e) {
      LOG.debug(
          "call {}: {} not sent: {}",
          JainSipLog.cut(dialog.getCallId().getCallId()),
          method,
          e.toString());
      reply.complete(SipReply.none());
    }
    return reply;
  }

  /** The ACK to the 2xx of our INVITE. Blocks where the peer's host name is looked up. */
  void acknowledge(long cseq) {
    try {
      Request ack = dialog.createAck(cseq);
      hop().ifPresent(((SIPRequest) ack)::setApplicationData);
      dialog.sendAck(ack);
    } catch (SipException | InvalidArgumentException | RuntimeException e) {
      LOG.debug(
          "call {}: ACK not sent: {}",
          JainSipLog.cut(dialog.getCallId().getCallId()),
          e.toString());
    }
  }

  /**
   * The first route, or without routes the peer's Contact, where it is a name whose servers only
   * DNS tells. An address, a port or maddr says where to send, and the stack sends there. Source:
   * RFC 3261 §8.1.2, §12.2.1.1; RFC 3263 §4.
   */
  private Optional<SipURI> namedHop() {
    Iterator<?> routes = dialog.getRouteSet();
    Address next =
        routes.hasNext() ? ((RouteHeader) routes.next()).getAddress() : dialog.getRemoteTarget();
    return next != null
            && next.getURI() instanceof SipURI uri
            && uri.getPort() < 0
            && uri.getMAddrParam() == null
            && !SipLocator.isLiteral(uri.getHost())
        ? Optional.of(uri)
        : Optional.empty();
  }

  /**
   * The hop for our requests where the Contact would not reach the peer: the connection of its last
   * message while it is open, or that request's source when the peer is behind a NAT (its Contact
   * differs from its source and no proxy is in between). Source: RFC 5626 §5.3, RFC 5853 §3.3.
   */
  private Optional<Hop> hop() {
    SIPMessage last = newest;
    InetSocketAddress from = SipServer.source(last);
    SipProtocol by = SipServer.protocol(last);
    if (isRouted && !by.isStream()) {
      return Optional.empty();
    }
    // The Via headers of a response are ours alone: they tell of no proxy.
    boolean direct = last instanceof SIPRequest && last.getViaHeaders().size() == 1;
    String host = from.getAddress().getHostAddress();
    boolean useSource =
        by.isStream() ? server.isConnected(by, from) : direct && !contactHost(last).equals(host);
    return useSource
        ? Optional.of(new HopImpl(host, from.getPort(), by.lowerCase()))
        : Optional.empty();
  }

  private static String contactHost(SIPMessage message) {
    return message.getHeader(ContactHeader.NAME) instanceof ContactHeader contact
            && contact.getAddress().getURI() instanceof SipURI uri
        ? uri.getHost()
        : "";
  }
}
