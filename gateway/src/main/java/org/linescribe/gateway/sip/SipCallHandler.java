package org.linescribe.gateway.sip;

/** Receives new calls. */
public interface SipCallHandler {
  /**
   * Handles a valid initial INVITE. The handler sets {@link SipDialog#listener} before it returns
   * and answers the transaction, at once or later.
   *
   * <p>Thread: a SIP event loop; must not block.
   */
  void onInvite(SipDialog dialog, SipTransaction invite);
}
