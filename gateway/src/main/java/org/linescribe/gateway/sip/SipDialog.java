package org.linescribe.gateway.sip;

import gov.nist.javax.sip.header.extensions.Replaces;
import gov.nist.javax.sip.message.SIPRequest;
import gov.nist.javax.sip.stack.HopImpl;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.sip.ClientTransaction;
import javax.sip.Dialog;
import javax.sip.DialogState;
import javax.sip.InvalidArgumentException;
import javax.sip.SipException;
import javax.sip.address.Address;
import javax.sip.address.Hop;
import javax.sip.address.SipURI;
import javax.sip.header.AuthorizationHeader;
import javax.sip.header.ContactHeader;
import javax.sip.header.RouteHeader;
import javax.sip.header.ToHeader;
import javax.sip.message.Request;
import javax.sip.message.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A dialog that a peer opened with an INVITE.
 *
 * <p>Thread: any; {@link #listener} is set once, within {@link SipCallHandler#onInvite}.
 */
public final class SipDialog {
  private static final Logger LOG = LoggerFactory.getLogger(SipDialog.class);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final SipServer server;
  private final Dialog dialog;
  private final SIPRequest invite;
  private final InetAddress localAddress;
  private final boolean recording;
  private final SessionTimer timer = new SessionTimer();
  private final String tag;
  private final CompletableFuture<Void> provisional = new CompletableFuture<>();
  private final Map<String, SipLocator.Target> answering =
      RequestFailover.Outgoing.noneAnsweredYet();
  private volatile boolean ringsReliably;
  private volatile SIPRequest newest;
  private volatile @Nullable SipDialogListener listener;

  SipDialog(
      SipServer server,
      Dialog dialog,
      SIPRequest invite,
      InetAddress localAddress,
      boolean recording) {
    this.recording = recording;
    this.server = server;
    this.dialog = dialog;
    this.invite = invite;
    this.newest = invite;
    this.localAddress = localAddress;
    byte[] random = new byte[8];
    RANDOM.nextBytes(random);
    this.tag = HexFormat.of().formatHex(random);
  }

  public void listener(SipDialogListener to) {
    listener = to;
  }

  public String callId() {
    return invite.getCallId().getCallId();
  }

  /** The Call-ID, escaped and cut for logs. */
  @Override
  public String toString() {
    return JainSipLog.cut(callId());
  }

  /** The URI of the From header, without the display name. */
  public String from() {
    return invite.getFrom().getAddress().getURI().toString();
  }

  /** The called user: the user part of the Request-URI, empty if none. */
  public String calledUser() {
    return invite.getRequestURI() instanceof SipURI uri ? user(uri) : "";
  }

  /** The host of the Request-URI. */
  public String calledHost() {
    return invite.getRequestURI() instanceof SipURI uri ? uri.getHost() : "";
  }

  /** The calling user: the user part of the From header, empty if none. */
  public String callingUser() {
    return invite.getFrom().getAddress().getURI() instanceof SipURI uri ? user(uri) : "";
  }

  private static String user(SipURI uri) {
    return uri.getUser() == null ? "" : uri.getUser();
  }

  /** The values of the Authorization headers. */
  public List<String> authorizations() {
    List<String> values = new ArrayList<>();
    Iterator<?> headers = invite.getHeaders(AuthorizationHeader.NAME);
    while (headers.hasNext()) {
      String text = headers.next().toString();
      values.add(text.substring(text.indexOf(':') + 1).strip());
    }
    return values;
  }

  /** The URI of the To header. */
  public String to() {
    return invite.getTo().getAddress().getURI().toString();
  }

  /** Our address towards the peer, for SDP. */
  public InetAddress localAddress() {
    return localAddress;
  }

  /** Whether the peer is a SIPREC client that asks for a recording session. */
  public boolean isRecordingSession() {
    return recording;
  }

  /** The host that sent the INVITE. */
  public InetAddress remoteAddress() {
    return invite.getPeerPacketSourceAddress();
  }

  /** "udp", "tcp", "tls", "ws" or "wss". */
  public String protocol() {
    return SipServer.protocol(invite).lowerCase();
  }

  /** Whether the INVITE came encrypted. */
  public boolean isSecure() {
    return SipServer.protocol(invite).isSecure();
  }

  /** Whether the INVITE asks for security on every hop (RFC 3261 §26.2.2). */
  boolean isSips() {
    return invite.getRequestURI() instanceof SipURI uri && uri.isSecure();
  }

  /** The value of an extension header of the INVITE. */
  public Optional<String> header(String name) {
    return invite.getHeader(name) instanceof javax.sip.header.ExtensionHeader header
        ? Optional.ofNullable(header.getValue())
            .map(String::strip)
            .filter(value -> !value.isEmpty())
        : Optional.empty();
  }

  /** Sends a 180 reliably, where the peer requires it. Source: RFC 3262 §3. */
  Optional<Response> reliableRinging() throws SipException, InvalidArgumentException {
    if (!RequestValidator.tokens(invite, "Require").contains("100rel")) {
      return Optional.empty();
    }
    ringsReliably = true;
    return Optional.of(dialog.createReliableProvisionalResponse(Response.RINGING));
  }

  void sendReliably(Response ringing) throws SipException {
    dialog.sendReliableProvisionalResponse(ringing);
  }

  void provisionalAcknowledged() {
    provisional.complete(null);
  }

  /** Completes when the peer has acknowledged our 180, at once where it need not. */
  public CompletionStage<Void> ringingAcknowledged() {
    return ringsReliably ? provisional : CompletableFuture.completedStage(null);
  }

  /**
   * The dialog that the peer asks this call to replace.
   *
   * @param callId and both tags, the local one being ours
   * @param isEarlyOnly not once it is answered
   */
  public record Replaced(String callId, String localTag, String remoteTag, boolean isEarlyOnly) {}

  /** The Replaces header of the INVITE. Source: RFC 3891 §3. */
  public Optional<Replaced> replaces() {
    return invite.getHeader("Replaces") instanceof Replaces header
            && header.getToTag() != null
            && header.getFromTag() != null
        ? Optional.of(
            new Replaced(
                header.getCallId(),
                header.getToTag(),
                header.getFromTag(),
                header.hasParameter("early-only")))
        : Optional.empty();
  }

  /** Whether a Replaces header names this dialog. */
  public boolean is(Replaced replaced) {
    return callId().equals(replaced.callId())
        && tag.equals(replaced.localTag())
        && replaced.remoteTag().equals(invite.getFromTag());
  }

  /** How long after an exchange we refresh the session; empty when that is not our task. */
  public Optional<Duration> refreshAfter() {
    return timer.refreshAfter();
  }

  /**
   * Refreshes the session by UPDATE.
   *
   * @return completes with the status of the response, or 408
   */
  public CompletionStage<Integer> refresh() {
    return request(Request.UPDATE, "");
  }

  /** Time within which the session must be refreshed, by whom ever; empty without a timer. */
  public Optional<Duration> refreshLimit() {
    return timer.limit();
  }

  /**
   * Ends the dialog.
   *
   * @param reason value of the Reason header (RFC 3326), empty for none
   * @return completes with the status of the response, or 408
   */
  public CompletionStage<Integer> bye(String reason) {
    return request(Request.BYE, reason);
  }

  /**
   * Asks the peer whether the dialog still exists, by OPTIONS.
   *
   * @return completes with the status of the response: 481 when the peer does not know the dialog,
   *     408 also when it does not answer before the transaction times out. Source: RFC 3261
   *     §12.2.1.2
   */
  public CompletionStage<Integer> ask() {
    return request(Request.OPTIONS, "");
  }

  private CompletionStage<Integer> request(String method, String reason) {
    CompletableFuture<Integer> status = new CompletableFuture<>();
    // On a thread that may block: a host name in the peer's Contact or route is looked up.
    Thread.ofVirtual()
        .name("linescribe-sip-request")
        .start(() -> send(method, reason).thenAccept(reply -> status.complete(reply.status())));
    return status;
  }

  private CompletionStage<SipReply> send(String method, String reason) {
    if (dialog.getState() == null || dialog.getState() == DialogState.TERMINATED) {
      return CompletableFuture.completedStage(
          SipReply.of(Response.CALL_OR_TRANSACTION_DOES_NOT_EXIST));
    }
    Optional<Hop> hop = hop();
    Optional<SipURI> named = hop.isPresent() ? Optional.empty() : namedHop();
    return named.isEmpty()
        ? attempt(method, reason, hop)
        : server
            .failover()
            .send(
                server,
                new RequestFailover.Outgoing(
                    named.get(),
                    SipServer.protocol(newest),
                    answering,
                    target -> attempt(method, reason, Optional.of(target.hop()))));
  }

  /** Each attempt is a request of its own: the stack gives it the next number. */
  private CompletableFuture<SipReply> attempt(String method, String reason, Optional<Hop> hop) {
    SipClient.Reply reply = new SipClient.Reply("");
    try {
      Request request = dialog.createRequest(method);
      server.responses().header(request, "User-Agent", "LineScribe");
      if (!reason.isEmpty()) {
        server.responses().header(request, "Reason", reason);
      }
      if (method.equals(Request.UPDATE)) {
        server.responses().contact(request, this);
        timer.stampRefresh(request, server.responses());
      }
      hop.ifPresent(((SIPRequest) request)::setApplicationData);
      ClientTransaction transaction = server.provider().getNewClientTransaction(request);
      transaction.setApplicationData(reply);
      dialog.sendRequest(transaction);
    } catch (SipException | RuntimeException e) {
      LOG.debug("call {}: {} not sent: {}", this, method, e.toString());
      reply.complete(SipReply.none());
    }
    return reply;
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

  /** A re-INVITE or UPDATE: a target refresh. */
  void refreshed(SIPRequest refresh) {
    newest = refresh;
  }

  /**
   * The hop for our requests where the Contact would not reach the peer: the connection of its last
   * request while it is open, or that request's source when the peer is behind a NAT (its Contact
   * differs from its source and no proxy is in between). Source: RFC 5626 §5.3, RFC 5853 §3.3.
   */
  private Optional<Hop> hop() {
    SIPRequest last = newest;
    InetSocketAddress from = SipServer.source(last);
    SipProtocol by = SipServer.protocol(last);
    if (invite.getRecordRouteHeaders() != null && !by.isStream()) {
      return Optional.empty();
    }
    boolean direct = last.getViaHeaders().size() == 1;
    String host = from.getAddress().getHostAddress();
    boolean useSource =
        by.isStream() ? server.isConnected(by, from) : direct && !contactHost(last).equals(host);
    return useSource
        ? Optional.of(new HopImpl(host, from.getPort(), by.lowerCase()))
        : Optional.empty();
  }

  private static String contactHost(SIPRequest request) {
    return request.getHeader(ContactHeader.NAME) instanceof ContactHeader contact
            && contact.getAddress().getURI() instanceof SipURI uri
        ? uri.getHost()
        : "";
  }

  /** Adds our To tag to a response. */
  void tag(Response response) {
    ToHeader to = (ToHeader) response.getHeader(ToHeader.NAME);
    if (to.getTag() == null) {
      try {
        to.setTag(tag);
      } catch (ParseException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  SessionTimer sessionTimer() {
    return timer;
  }

  Optional<SipDialogListener> listener() {
    return Optional.ofNullable(listener);
  }
}
