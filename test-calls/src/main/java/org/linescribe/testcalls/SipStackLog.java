package org.linescribe.testcalls;

import gov.nist.core.ServerLogger;
import gov.nist.core.StackLogger;
import gov.nist.javax.sip.message.SIPMessage;
import java.util.Properties;
import javax.sip.SipStack;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the SIP stack's log, which by default wants log4j 1 and dumps every datagram: what it calls
 * an error is a debug line here, cut short, because whatever concerns a call is told in the call's
 * own words.
 *
 * <p>Public only because the stack makes it by its name.
 */
public final class SipStackLog implements StackLogger, ServerLogger {
  private static final Logger LOG = LoggerFactory.getLogger(SipStackLog.class);
  private static final int MAX_CHARS = 200;

  private static void debug(String message) {
    if (LOG.isDebugEnabled()) {
      String line = message.replaceAll("\\s+", " ");
      LOG.debug(line.length() > MAX_CHARS ? line.substring(0, MAX_CHARS) + "…" : line);
    }
  }

  @Override
  public void logError(String message) {
    debug(message);
  }

  @Override
  public void logError(String message, Exception exception) {
    debug(message + ": " + exception);
  }

  @Override
  public void logFatalError(String message) {
    debug(message);
  }

  @Override
  public void logException(Throwable exception) {
    debug(exception.toString());
  }

  @Override
  public void logException(Exception exception) {
    debug(exception.toString());
  }

  @Override
  public void logWarning(String message) {
    debug(message);
  }

  @Override
  public boolean isLoggingEnabled() {
    return false;
  }

  @Override
  public boolean isLoggingEnabled(int level) {
    return false;
  }

  @Override
  public String getLoggerName() {
    return LOG.getName();
  }

  @Override
  public int getLineCount() {
    return 0;
  }

  @Override
  public void logStackTrace() {}

  @Override
  public void logStackTrace(int level) {}

  @Override
  public void logDebug(String message) {}

  @Override
  public void logDebug(String message, Exception exception) {}

  @Override
  public void logTrace(String message) {}

  @Override
  public void logInfo(String message) {}

  @Override
  public void disableLogging() {}

  @Override
  public void enableLogging() {}

  @Override
  public void setBuildTimeStamp(String time) {}

  @Override
  public void setStackProperties(Properties properties) {}

  @Override
  public void setSipStack(SipStack stack) {}

  @Override
  public void closeLogFile() {}

  @Override
  public void logMessage(SIPMessage message, String from, String to, boolean sender, long time) {}

  @Override
  public void logMessage(
      SIPMessage message, String from, String to, String status, boolean sender, long time) {}

  @Override
  public void logMessage(
      SIPMessage message, String from, String to, String status, boolean sender) {}
}
