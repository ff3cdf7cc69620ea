package org.linescribe.gateway.sip;

import gov.nist.javax.sip.address.SipUri;
import gov.nist.javax.sip.header.extensions.Replaces;
import gov.nist.javax.sip.message.SIPRequest;
import gov.nist.javax.sip.message.SIPResponse;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.sip.Dialog;
import javax.sip.DialogState;
import javax.sip.InvalidArgumentException;
import javax.sip.SipException;
import javax.sip.address.SipURI;
import javax.sip.address.URI;
import javax.sip.header.AuthorizationHeader;
import javax.sip.header.ToHeader;
import javax.sip.message.Request;
import javax.sip.message.Response;
import org.jspecify.annotations.Nullable;

/**
 * A dialog, which a peer opened with an INVITE or we did.
 *
 * <p>Thread: any; {@link #listener} is set once, within {@link SipCallHandler#onInvite}.
 */
public final class SipDialog {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final SipServer server;
  private final Dialog dialog;
  private final SIPRequest invite;
  private final InetAddress localAddress;
  private final InetAddress remoteAddress;
  private final boolean recording;
  private final DialogRequests requests;
  private final SessionTimer timer = new SessionTimer();
  private final String tag;
  private final String remoteTag;
  private final String localUri;
  private final CompletableFuture<Void> provisional = new CompletableFuture<>();
  private volatile boolean ringsReliably;
  private volatile boolean takesReferrals;
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
    this.localAddress = localAddress;
    this.remoteAddress = invite.getPeerPacketSourceAddress();
    this.requests =
        new DialogRequests(server, dialog, invite.getRecordRouteHeaders() != null, invite);
    byte[] random = new byte[8];
    RANDOM.nextBytes(random);
    this.tag = HexFormat.of().formatHex(random);
    this.remoteTag = String.valueOf(invite.getFromTag());
    this.localUri = to();
  }

  /**
   * A dialog that we opened.
   *
   * @param answer the 2xx
   */
  SipDialog(
      SipServer server,
      Dialog dialog,
      SIPRequest invite,
      SIPResponse answer,
      InetAddress localAddress) {
    this.recording = false;
    this.server = server;
    this.dialog = dialog;
    this.invite = invite;
    this.localAddress = localAddress;
    this.remoteAddress = answer.getPeerPacketSourceAddress();
    this.requests =
        new DialogRequests(server, dialog, answer.getRecordRouteHeaders() != null, answer);
    this.tag = String.valueOf(invite.getFromTag());
    this.remoteTag = String.valueOf(answer.getToTag());
    this.localUri = from();
  }

  /** A dialog that has ended already is told at once. */
  public void listener(SipDialogListener to) {
    listener = to;
    if (dialog.getState() == DialogState.TERMINATED) {
      to.onBye();
    }
  }

  /** Lets the peer ask by REFER that the call go on with somebody else. */
  public void takeReferrals() {
    takesReferrals = true;
  }

  boolean takesReferrals() {
    return takesReferrals;
  }

  /** The URI of our side. */
  String localUri() {
    return localUri;
  }

  public String callId() {
    return invite.getCallId().getCallId();
  }

  /** The Call-ID, escaped and cut for logs. */
  @Override
  public String toString() {
    return JainSipLog.cut(callId());
  }

  /** The URI of the From header, without the display name and a password. */
  public String from() {
    return withoutPassword(invite.getFrom().getAddress().getURI());
  }

  static String withoutPassword(URI uri) {
    if (uri instanceof SipUri sip && sip.getUserPassword() != null) {
      SipUri open = (SipUri) sip.clone();
      open.clearPassword();
      return open.toString();
    }
    return uri.toString();
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

  /** The URI of the To header, without a password. */
  public String to() {
    return withoutPassword(invite.getTo().getAddress().getURI());
  }

  /** Our address towards the peer, for SDP. */
  public InetAddress localAddress() {
    return localAddress;
  }

  /** Whether the peer is a SIPREC client that asks for a recording session. */
  public boolean isRecordingSession() {
    return recording;
  }

  /** The host that sent the INVITE, or answered ours. */
  public InetAddress remoteAddress() {
    return remoteAddress;
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
        && remoteTag.equals(replaced.remoteTag());
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
    return requests.send(
        Request.UPDATE,
        update -> {
          server.responses().contact(update, this);
          timer.stampRefresh(update, server.responses());
        });
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
    return requests.send(
        Request.BYE,
        bye -> {
          if (!reason.isEmpty()) {
            server.responses().header(bye, "Reason", reason);
          }
        });
  }

  /**
   * Asks the peer whether the dialog still exists, by OPTIONS.
   *
   * @return completes with the status of the response: 481 when the peer does not know the dialog,
   *     408 also when it does not answer before the transaction times out. Source: RFC 3261
   *     §12.2.1.2
   */
  public CompletionStage<Integer> ask() {
    return requests.send(Request.OPTIONS, _ -> {});
  }

  /** Tells the peer how the call that its REFER asked for stands. Source: RFC 3515 §2.4.5. */
  CompletionStage<Integer> notify(long referCseq, int status) {
    return requests.send(
        Request.NOTIFY,
        notify -> {
          server.responses().contact(notify, this);
          server.responses().header(notify, "Event", "refer;id=" + referCseq);
          server
              .responses()
              .header(
                  notify,
                  "Subscription-State",
                  status < 200 ? "active;expires=60" : "terminated;reason=noresource");
          server.responses().statusLine(notify, status);
        });
  }

  /** Acknowledges the 2xx to our INVITE. Blocks where the peer's host name is looked up. */
  void acknowledge(long cseq) {
    requests.acknowledge(cseq);
  }

  /** A re-INVITE or UPDATE: a target refresh. */
  void refreshed(SIPRequest refresh) {
    requests.refreshed(refresh);
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
