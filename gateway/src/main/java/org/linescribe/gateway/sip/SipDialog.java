package org.linescribe.gateway.sip;

import gov.nist.javax.sip.message.SIPRequest;
import gov.nist.javax.sip.stack.HopImpl;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.sip.ClientTransaction;
import javax.sip.Dialog;
import javax.sip.DialogState;
import javax.sip.SipException;
import javax.sip.address.Hop;
import javax.sip.address.SipURI;
import javax.sip.header.ContactHeader;
import javax.sip.header.ToHeader;
import javax.sip.message.Request;
import javax.sip.message.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A dialog that a peer opened with an INVITE.
 *
 * <p>Thread: any, but for {@link #listener}, which is set once within {@link
 * SipCallHandler#onInvite}.
 */
public final class SipDialog {
  private static final Logger LOG = LoggerFactory.getLogger(SipDialog.class);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final SipServer server;
  private final Dialog dialog;
  private final SIPRequest invite;
  private final InetAddress localAddress;
  private final SessionTimer timer = new SessionTimer();
  private final String tag;
  private volatile SIPRequest newest;
  private volatile @Nullable SipDialogListener listener;

  SipDialog(SipServer server, Dialog dialog, SIPRequest invite, InetAddress localAddress) {
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

  /** The Call-ID as a log may have it. */
  @Override
  public String toString() {
    return StackLog.cut(callId());
  }

  /** The caller's URI as it said it, without its display name. */
  public String from() {
    return invite.getFrom().getAddress().getURI().toString();
  }

  /** The called URI, from the To header. */
  public String to() {
    return invite.getTo().getAddress().getURI().toString();
  }

  /** The address of ours that the peer reached, or is told: for SDP. */
  public InetAddress localAddress() {
    return localAddress;
  }

  /** "udp" or "tcp". */
  public String protocol() {
    return SipServer.protocol(invite);
  }

  /** The value of a header of the INVITE that SIP itself does not know. */
  public Optional<String> header(String name) {
    return invite.getHeader(name) instanceof javax.sip.header.ExtensionHeader header
        ? Optional.ofNullable(header.getValue()).map(String::strip)
        : Optional.empty();
  }

  /** Without a re-INVITE or UPDATE for so long the call is over; empty: it needs none. */
  public Optional<Duration> refreshLimit() {
    return timer.limit();
  }

  /**
   * Ends the dialog.
   *
   * @param reason value of the Reason header (RFC 3326), empty for none
   * @return completes when the peer has answered or will not
   */
  public CompletionStage<Void> bye(String reason) {
    CompletableFuture<Void> answered = new CompletableFuture<>();
    // On a thread that may block: the peer's Contact may be a name, which the stack resolves.
    Thread.ofVirtual()
        .name("linescribe-bye")
        .start(
            () -> {
              try {
                send(Request.BYE, reason, answered);
              } catch (SipException | RuntimeException e) {
                LOG.debug("call {}: BYE not sent: {}", this, e.toString());
                dialog.delete();
                answered.complete(null);
              }
            });
    return answered;
  }

  private void send(String method, String reason, CompletableFuture<Void> answered)
      throws SipException {
    if (dialog.getState() == null || dialog.getState() == DialogState.TERMINATED) {
      answered.complete(null);
      return;
    }
    Request request = dialog.createRequest(method);
    server.responses().header(request, "User-Agent", "LineScribe");
    if (!reason.isEmpty()) {
      server.responses().header(request, "Reason", reason);
    }
    hop().ifPresent(((SIPRequest) request)::setApplicationData);
    ClientTransaction transaction = server.provider().getNewClientTransaction(request);
    transaction.setApplicationData(answered);
    dialog.sendRequest(transaction);
  }

  /** A re-INVITE or UPDATE: the peer may have moved. */
  void heard(SIPRequest refresh) {
    newest = refresh;
  }

  /**
   * The way back of the INVITE, or of what renewed it, where it is better than the Contact: the TCP
   * connection while it is open, and the source of a peer that is behind a NAT (its Contact is not
   * where it came from, and no proxy stands between). Source: RFC 5626's practice, RFC 5853 §3.3.
   */
  private Optional<Hop> hop() {
    SIPRequest last = newest;
    InetSocketAddress from = SipServer.source(last);
    String by = SipServer.protocol(last);
    if (invite.getRecordRouteHeaders() != null && by.equals("udp")) {
      return Optional.empty();
    }
    boolean direct = last.getViaHeaders().size() == 1;
    String host = from.getAddress().getHostAddress();
    boolean here =
        by.equals("tcp") ? server.isConnected(from) : direct && !contactHost(last).equals(host);
    return here ? Optional.of(new HopImpl(host, from.getPort(), by)) : Optional.empty();
  }

  private static String contactHost(SIPRequest request) {
    return request.getHeader(ContactHeader.NAME) instanceof ContactHeader contact
            && contact.getAddress().getURI() instanceof SipURI uri
        ? uri.getHost()
        : "";
  }

  /** Gives a response our tag. */
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
