package org.linescribe.gateway.sip;

import gov.nist.core.ServerLogger;
import gov.nist.core.StackLogger;
import gov.nist.javax.sip.message.SIPMessage;
import java.util.Properties;
import javax.sip.SipStack;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * JAIN-SIP's log, escaped and cut, at debug: the stack logs whole datagrams at ERROR. Its message
 * trace writes the first line of each message at trace, never headers or body.
 *
 * <p>Public, with a public constructor, because the stack creates it by class name.
 *
 * <p>Thread: any.
 */
public final class JainSipLog implements StackLogger, ServerLogger {
  private static final Logger LOG = LoggerFactory.getLogger("org.linescribe.gateway.sip.stack");
  private static final Logger TRACE = LoggerFactory.getLogger("org.linescribe.gateway.sip.message");
  private static final int MAX_CHARACTERS = 200;

  /** One printable line of bounded length. */
  static String cut(@Nullable String text) {
    if (text == null) {
      return "";
    }
    StringBuilder line = new StringBuilder(Math.min(text.length(), MAX_CHARACTERS + 16));
    for (int i = 0; i < text.length() && i < MAX_CHARACTERS; i++) {
      char c = text.charAt(i);
      line.append(c < ' ' || c >= 127 ? '.' : c);
    }
    if (text.length() > MAX_CHARACTERS) {
      line.append("… (").append(text.length()).append(')');
    }
    return line.toString();
  }

  private void error(@Nullable String message, @Nullable Throwable exception) {
    if (LOG.isDebugEnabled()) {
      String cause = exception == null ? "" : cut(exception.toString());
      LOG.debug("{} {}", cut(message), cause);
    }
  }

  @Override
  public void logMessage(SIPMessage message, String from, String to, boolean sender, long timeMs) {
    if (TRACE.isTraceEnabled()) {
      TRACE.trace("{} -> {} {}", from, to, cut(message.getFirstLine()));
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
  public void logFatalError(String message) {
    error(message, null);
  }

  @Override
  public void logError(String message) {
    error(message, null);
  }

  @Override
  public void logError(String message, @Nullable Exception exception) {
    error(message, exception);
  }

  @Override
  public void logException(@Nullable Throwable exception) {
    error("exception", exception);
  }

  @Override
  public void logException(@Nullable Exception exception) {
    error("exception", exception);
  }

  @Override
  public boolean isLoggingEnabled() {
    return LOG.isDebugEnabled();
  }

  @Override
  public boolean isLoggingEnabled(int logLevel) {
    return logLevel == TRACE_ERROR && LOG.isDebugEnabled();
  }

  @Override
  public String getLoggerName() {
    return LOG.getName();
  }

  @Override
  public void logWarning(String message) {}

  @Override
  public void logInfo(String message) {}

  @Override
  public void logDebug(String message) {}

  @Override
  public void logDebug(String message, Exception exception) {}

  @Override
  public void logTrace(String message) {}

  @Override
  public void logStackTrace() {}

  @Override
  public void logStackTrace(int traceLevel) {}

  @Override
  public int getLineCount() {
    return 0;
  }

  @Override
  public void disableLogging() {}

  @Override
  public void enableLogging() {}

  @Override
  public void setBuildTimeStamp(String buildTimeStamp) {}

  @Override
  public void setStackProperties(Properties properties) {}

  @Override
  public void setSipStack(SipStack stack) {}

  @Override
  public void closeLogFile() {}
}
