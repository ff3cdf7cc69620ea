package org.linescribe.gateway.sip;

import java.util.Optional;

/** Receives new calls. */
public interface SipCallHandler {
  /**
   * Handles a valid initial INVITE. The handler sets {@link SipDialog#listener} before it returns
   * and answers the transaction, at once or later.
   *
   * <p>Thread: a SIP event loop; must not block.
   */
  void onInvite(SipDialog dialog, SipTransaction invite);

  /**
   * What a new call would be refused with whoever called, because this gateway is being stopped;
   * peers that ask by OPTIONS are told. Empty where calls are taken. Source: RFC 3261 §11.2.
   *
   * <p>Thread: a SIP event loop; must not block.
   */
  default Optional<SipRefusal> stopping() {
    return Optional.empty();
  }
}
