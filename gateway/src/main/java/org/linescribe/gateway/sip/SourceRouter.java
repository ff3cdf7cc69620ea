package org.linescribe.gateway.sip;

import gov.nist.javax.sip.message.SIPRequest;
import gov.nist.javax.sip.stack.DefaultRouter;
import java.util.ListIterator;
import javax.sip.SipException;
import javax.sip.SipStack;
import javax.sip.address.Hop;
import javax.sip.address.Router;
import javax.sip.message.Request;

/**
 * Routes a request to the hop that its dialog chose (see {@link SipDialog}), else by RFC 3261
 * §12.2.1.1.
 *
 * <p>Public, with this constructor, because the stack creates it by class name.
 */
public final class SourceRouter implements Router {
  private final DefaultRouter standard;

  public SourceRouter(SipStack stack, String outboundProxy) {
    standard = new DefaultRouter(stack, outboundProxy);
  }

  @Override
  public Hop getNextHop(Request request) throws SipException {
    return ((SIPRequest) request).getApplicationData() instanceof Hop hop
        ? hop
        : standard.getNextHop(request);
  }

  @Override
  @Deprecated
  @SuppressWarnings("rawtypes")
  public ListIterator getNextHops(Request request) {
    return standard.getNextHops(request);
  }

  @Override
  public Hop getOutboundProxy() {
    return standard.getOutboundProxy();
  }
}
