package org.linescribe.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * Bounds what each place in the code logs: whoever can cause a line could fill the disk with it. A
 * place is a logger and a format. It has a burst, then a few lines a second; its next line after
 * that comes behind the number of those held back. A stack trace counts as several lines.
 *
 * <p>Thread: any.
 */
final class LogFloodFilter extends TurboFilter {
  static final int BURST_LINES = 100;
  static final int LINES_PER_SECOND = 5;
  static final int LINES_OF_A_TRACE = 10;

  /**
   * More formats of one logger than this are put together at run time, of what a stranger sent:
   * they share one place, which is that logger's alone.
   */
  static final int FORMATS_OF_A_LOGGER = 30;

  private static final double SECOND_NS = 1e9;
  private static final String FQCN = LogFloodFilter.class.getName();

  private final LongSupplier nanoClock;
  private final Map<String, Map<String, Budget>> budgets = new HashMap<>();

  LogFloodFilter(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  private static final class Budget {
    private double lines = BURST_LINES;
    private long refilledNs;
    private long heldBack;

    Budget(long nowNs) {
      this.refilledNs = nowNs;
    }

    boolean take(double cost, long nowNs) {
      lines = Math.min(BURST_LINES, lines + (nowNs - refilledNs) / SECOND_NS * LINES_PER_SECOND);
      refilledNs = nowNs;
      if (lines < cost) {
        heldBack++;
        return false;
      }
      lines -= cost;
      return true;
    }
  }

  /** Adds the filter to this process's log, once; Spring Boot clears it when it configures it. */
  static void install() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context
        && context.getTurboFilterList().stream().noneMatch(LogFloodFilter.class::isInstance)) {
      context.addTurboFilter(new LogFloodFilter(System::nanoTime));
    }
  }

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] arguments,
      @Nullable Throwable thrown) {
    // Without a format somebody asks whether the level is on.
    if (format == null || !level.isGreaterOrEqual(logger.getEffectiveLevel())) {
      return FilterReply.NEUTRAL;
    }
    long heldBack;
    synchronized (budgets) {
      long nowNs = nanoClock.getAsLong();
      Budget budget = budget(logger.getName(), format, nowNs);
      if (!budget.take(hasTrace(arguments, thrown) ? LINES_OF_A_TRACE : 1, nowNs)) {
        return FilterReply.DENY;
      }
      heldBack = budget.heldBack;
      budget.heldBack = 0;
    }
    if (heldBack > 0) {
      logger.callAppenders(
          new LoggingEvent(
              FQCN,
              logger,
              level,
              "{} lines like the next were held back",
              null,
              new Object[] {heldBack}));
    }
    return FilterReply.NEUTRAL;
  }

  private Budget budget(String logger, String format, long nowNs) {
    Map<String, Budget> formats = budgets.computeIfAbsent(logger, _ -> new HashMap<>());
    Budget known = formats.get(format);
    if (known != null) {
      return known;
    }
    String counted = formats.size() < FORMATS_OF_A_LOGGER ? format : "";
    return formats.computeIfAbsent(counted, _ -> new Budget(nowNs));
  }

  private static boolean hasTrace(Object @Nullable [] arguments, @Nullable Throwable thrown) {
    return thrown != null
        || arguments != null
            && arguments.length > 0
            && arguments[arguments.length - 1] instanceof Throwable;
  }
}
