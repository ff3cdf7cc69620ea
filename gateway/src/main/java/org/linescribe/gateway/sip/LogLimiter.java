package org.linescribe.gateway.sip;

import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Bounds the log lines that peers can cause: ten in a second, and the first line after them says
 * how many were suppressed. A flood must not fill the disk, and its size must not be lost.
 *
 * <p>Thread: any.
 */
public final class LogLimiter {
  private static final int LINES_PER_SECOND = 10;
  private static final long SECOND_NS = 1_000_000_000L;

  private final LongSupplier nanoClock;
  private long windowStartNs;
  private int linesInWindow;
  private long suppressed;

  public LogLimiter() {
    this(System::nanoTime);
  }

  LogLimiter(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.windowStartNs = nanoClock.getAsLong();
  }

  /**
   * @param line writes the line with this text at its end: empty, or the number of suppressed lines
   */
  public void log(Consumer<String> line) {
    String suffix;
    synchronized (this) {
      long nowNs = nanoClock.getAsLong();
      if (nowNs - windowStartNs > SECOND_NS) {
        windowStartNs = nowNs;
        linesInWindow = 0;
      }
      if (++linesInWindow > LINES_PER_SECOND) {
        suppressed++;
        return;
      }
      suffix = suppressed == 0 ? "" : " (" + suppressed + " similar lines suppressed)";
      suppressed = 0;
    }
    line.accept(suffix);
  }
}
