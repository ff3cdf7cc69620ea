package org.linescribe.gateway.call;

import org.linescribe.gateway.sip.SipDialog;
import org.linescribe.gateway.sip.SipTransaction;
import org.linescribe.gateway.trunk.CallAdmission;
import org.linescribe.session.SessionId;

/**
 * What is known of a call from its INVITE on, and stays as it is.
 *
 * @param dialog with the peer that called; a transfer gives the call another one
 * @param admitted its trunk and what it gets
 * @param pending its place among the calls that no ACK has confirmed
 */
record IncomingCall(
    SipDialog dialog,
    SipTransaction invite,
    SessionId sessionId,
    CallAdmission.Decision.Admitted admitted,
    PendingCall pending) {}
