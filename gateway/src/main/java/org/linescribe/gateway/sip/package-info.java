/**
 * SIP on the wire: sockets, framing, transactions and dialogs; what every user agent server must
 * answer is answered here.
 *
 * <p>Callers: {@code gateway.call}, which sees {@link org.linescribe.gateway.sip.SipDialog} and
 * nothing of JAIN-SIP.
 */
@NullMarked
package org.linescribe.gateway.sip;

import org.jspecify.annotations.NullMarked;
