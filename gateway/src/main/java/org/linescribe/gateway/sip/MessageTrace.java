package org.linescribe.gateway.sip;

import gov.nist.core.ServerLogger;
import gov.nist.javax.sip.message.SIPMessage;
import java.util.Properties;
import javax.sip.SipStack;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stack's message trace: the first line of a message and its peers, never its headers or body.
 *
 * <p>Public, with a public constructor, because the stack makes it by its name.
 */
public final class MessageTrace implements ServerLogger {
  private static final Logger LOG = LoggerFactory.getLogger("org.linescribe.gateway.sip.message");

  @Override
  public void logMessage(SIPMessage message, String from, String to, boolean sender, long timeMs) {
    if (LOG.isTraceEnabled()) {
      LOG.trace("{} -> {} {}", from, to, StackLog.cut(message.getFirstLine()));
    }
  }

  @Override
  public void logMessage(
      SIPMessage message, String from, String to, String status, boolean sender, long timeMs) {
    logMessage(message, from, to, sender, timeMs);
  }

  @Override
  public void logMessage(
      SIPMessage message, String from, String to, String status, boolean sender) {
    logMessage(message, from, to, sender, 0);
  }

  @Override
  public void logException(Exception exception) {
    LOG.trace("{}", StackLog.cut(exception.toString()));
  }

  @Override
  public void closeLogFile() {}

  @Override
  public void setStackProperties(Properties properties) {}

  @Override
  public void setSipStack(SipStack stack) {}
}
