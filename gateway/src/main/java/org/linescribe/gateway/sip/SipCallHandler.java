package org.linescribe.gateway.sip;

/** Who takes the calls. */
public interface SipCallHandler {
  /**
   * A new call that is right as SIP. The handler sets {@link SipDialog#listener} before it returns
   * and answers the transaction, now or later.
   *
   * <p>Thread: a SIP event loop; must not block.
   */
  void onInvite(SipDialog dialog, SipTransaction invite);
}
