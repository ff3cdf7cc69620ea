package org.linescribe.gateway.call;

import org.linescribe.gateway.sip.SipRefusal;

/** An offer or an answer cannot be used; carries the response that says so. */
final class OfferRefusedException extends Exception {
  private static final long serialVersionUID = 1L;
  private final transient SipRefusal refusal;

  OfferRefusedException(SipRefusal refusal) {
    super(refusal.reason(), null, false, false);
    this.refusal = refusal;
  }

  SipRefusal refusal() {
    return refusal;
  }
}
