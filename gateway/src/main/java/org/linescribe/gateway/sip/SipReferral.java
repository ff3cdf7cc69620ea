package org.linescribe.gateway.sip;

import gov.nist.javax.sip.message.SIPRequest;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.sip.ServerTransaction;
import org.linescribe.gateway.digest.DigestClient;

/**
 * A REFER in a dialog: the peer asks that the call go on with somebody else. It is accepted or
 * rejected once; after that the peer is told by NOTIFY what becomes of it, unless it wants not to
 * be.
 *
 * <p>Thread: any; nothing blocks. Source: RFC 3515, RFC 4488.
 */
public final class SipReferral {
  private final SipServer server;
  private final SipDialog dialog;
  private final SipTransaction transaction;
  private final SIPRequest refer;
  private final ReferTarget target;

  SipReferral(
      SipServer server,
      SipDialog dialog,
      ServerTransaction transaction,
      SIPRequest refer,
      ReferTarget target) {
    this.server = server;
    this.dialog = dialog;
    this.transaction = new SipTransaction(server, dialog, transaction, SipBody.of(refer));
    this.refer = refer;
    this.target = target;
  }

  /** Whom to call: the URI without a password, cut for logs. */
  @Override
  public String toString() {
    return JainSipLog.cut(SipDialog.withoutPassword(target.uri()));
  }

  /** The host that is to be called, as the URI has it. */
  public String targetHost() {
    return target.uri().getHost();
  }

  /** The host that asks. */
  public InetAddress source() {
    return SipServer.source(refer).getAddress();
  }

  /** Whether the INVITE will go encrypted, so that keys may be offered in it. */
  public boolean isSecure() {
    String transport = target.uri().getTransportParam();
    return target.uri().isSecure()
        || (transport == null ? fallback().isSecure() : transport.equalsIgnoreCase("tls"));
  }

  /** A URI without transport is called by the dialog's, where a server can be reached by it. */
  private SipProtocol fallback() {
    SipProtocol ours = SipProtocol.of(dialog.protocol());
    return switch (ours) {
      case UDP, TCP, TLS -> ours;
      case WS -> SipProtocol.TCP;
      case WSS -> SipProtocol.TLS;
    };
  }

  /** 202. */
  public boolean accept() {
    if (!target.subscribes()) {
      transaction.header("Refer-Sub", "false");
    }
    return transaction.accept();
  }

  public boolean reject(SipRefusal refusal) {
    return transaction.reject(refusal);
  }

  /**
   * Tells the peer how the call that it asked for stands; the next is sent when this is answered.
   *
   * @param status of the INVITE: provisional, or final and the last that is told
   * @return completes when the peer has answered, or will not be told
   */
  public CompletionStage<?> tell(int status) {
    return target.subscribes()
        ? dialog.notify(refer.getCSeq().getSeqNumber(), status)
        : CompletableFuture.completedStage(status);
  }

  /**
   * Calls the target. Its caller is the one that the peer called.
   *
   * @param offer session description
   * @param account answers the target's challenges
   */
  public SipInvitation invite(byte[] offer, Optional<DigestClient> account) {
    SipInvitation invitation =
        new SipInvitation(
            server, target, fallback(), dialog.localUri(), offer, account, dialog.localAddress());
    invitation.begin();
    return invitation;
  }
}
