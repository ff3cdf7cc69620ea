package org.linescribe.gateway.sip;

import gov.nist.javax.sip.SipStackImpl;
import gov.nist.javax.sip.message.SIPRequest;
import gov.nist.javax.sip.stack.SIPTransaction;
import java.util.Properties;
import javax.sip.PeerUnavailableException;
import org.jspecify.annotations.Nullable;

/**
 * JAIN-SIP's stack, which would search all transactions of the last 32 s for the INVITE of each
 * CANCEL. {@link TransactionBranch} gives every request a branch that identifies its transaction,
 * so that a look in the table suffices.
 *
 * <p>Thread: any.
 */
final class SipStack extends SipStackImpl {
  private static final int METHOD_CHARACTERS = ":CANCEL".length();

  SipStack(Properties properties) throws PeerUnavailableException {
    super(properties);
  }

  /** Source: RFC 3261 §9.2. */
  @Override
  public @Nullable SIPTransaction findCancelTransaction(SIPRequest cancel, boolean isServer) {
    if (!isServer) {
      return super.findCancelTransaction(cancel, false);
    }
    // The id of a CANCEL is that of its INVITE and the method.
    String id = cancel.getTransactionId();
    SIPTransaction invite = findTransaction(id.substring(0, id.length() - METHOD_CHARACTERS), true);
    return invite != null && invite.doesCancelMatchTransaction(cancel) ? invite : null;
  }
}
