package org.linescribe.gateway.sip;

import gov.nist.core.StackLogger;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What JAIN-SIP says, cut short and at most ten lines in a second: the stack logs whole datagrams
 * of strangers at ERROR, and a stranger must not fill the disk. Warnings of the stack are our
 * debug: they tell of peers' faults.
 *
 * <p>Public, with a public constructor, because the stack makes it by its name.
 *
 * <p>Thread: any.
 */
public final class StackLog implements StackLogger {
  private static final Logger LOG = LoggerFactory.getLogger("org.linescribe.gateway.sip.stack");
  private static final int MAX_CHARACTERS = 200;
  private static final int LINES_PER_SECOND = 10;

  private final AtomicLong windowStartNs = new AtomicLong(System.nanoTime());
  private final AtomicLong linesInWindow = new AtomicLong();

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

  private void error(@Nullable String message, @Nullable Throwable exception) {
    if (LOG.isDebugEnabled() && admit()) {
      LOG.debug("{} {}", cut(message), exception == null ? "" : cut(exception.toString()));
    }
  }

  private boolean admit() {
    long nowNs = System.nanoTime();
    long startNs = windowStartNs.get();
    if (nowNs - startNs > 1_000_000_000L && windowStartNs.compareAndSet(startNs, nowNs)) {
      linesInWindow.set(0);
    }
    return linesInWindow.incrementAndGet() <= LINES_PER_SECOND;
  }

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

  @Override
  public boolean isLoggingEnabled() {
    return LOG.isDebugEnabled();
  }

  @Override
  public boolean isLoggingEnabled(int logLevel) {
    return logLevel == TRACE_ERROR && LOG.isDebugEnabled();
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
  public String getLoggerName() {
    return LOG.getName();
  }
}
