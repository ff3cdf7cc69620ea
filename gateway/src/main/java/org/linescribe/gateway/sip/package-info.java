/**
 * SIP user agent server: sockets, framing, transactions and dialogs; answers every request that
 * needs no call.
 *
 * <p>Callers: {@code gateway.call}, which sees {@link org.linescribe.gateway.sip.SipDialog} and
 * nothing of JAIN-SIP.
 */
@NullMarked
package org.linescribe.gateway.sip;

import org.jspecify.annotations.NullMarked;
