package org.linescribe.gateway.call;

import org.linescribe.gateway.sip.SipDialog;

/**
 * A dialog of a call, and what watches and ends it. A transfer gives a call another one.
 *
 * <p>Thread: the call's event loop.
 */
record CallPeer(SipDialog dialog, CallTermination termination, CallEnd end, PeerWatch watch) {}
