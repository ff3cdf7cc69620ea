package org.linescribe.testcalls.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.linescribe.testcalls.Durations;
import org.linescribe.testcalls.Percentiles;

/**
 * A bound on one percentile of one latency: {@code final-p95=1500ms}.
 *
 * @param percentile p50, p90, p95, p99 or max
 */
record Slo(Metric metric, String percentile, Duration bound) {
  private static final Pattern TEXT =
      Pattern.compile("(setup|first-text|partial-gap|final)-(p50|p90|p95|p99|max)=(\\S+)");

  /** What is bounded. */
  enum Metric {
    SETUP,
    FIRST_TEXT,
    PARTIAL_GAP,
    FINAL;

    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * @throws IllegalArgumentException no bound
   */
  static Slo parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "--slo: '"
              + text
              + "' (expected: setup-, first-text-, partial-gap- or final- and p50, p90, p95, p99 or"
              + " max, such as final-p95=1500ms)");
    }
    return new Slo(
        Metric.valueOf(matcher.group(1).toUpperCase(Locale.ROOT).replace('-', '_')),
        matcher.group(2),
        Durations.parse("--slo", matcher.group(3)));
  }

  private static double value(Percentiles percentiles, String which) {
    return switch (which) {
      case "p50" -> percentiles.p50();
      case "p90" -> percentiles.p90();
      case "p95" -> percentiles.p95();
      case "p99" -> percentiles.p99();
      default -> percentiles.max();
    };
  }

  /**
   * Why a stage misses its bounds; empty: it meets them. A call without its whole transcript is
   * always a miss, whatever the others took.
   */
  static List<String> misses(List<Slo> bounds, StageResult result) {
    List<String> misses = new ArrayList<>();
    if (result.failed() > 0) {
      misses.add(result.failed() + " of " + result.measured().size() + " calls failed");
    }
    for (Slo slo : bounds) {
      Percentiles of =
          switch (slo.metric) {
            case SETUP -> result.setupMs();
            case FIRST_TEXT -> result.summary().firstPartialMs();
            case PARTIAL_GAP -> result.summary().partialGapMs();
            case FINAL -> result.summary().finalMs();
          };
      double ms = value(of, slo.percentile);
      // Not a number: nothing was measured, which meets no bound.
      if (!(ms <= slo.bound.toNanos() / 1e6)) {
        misses.add(
            of.count() == 0
                ? "no " + slo.metric.word() + " was measured"
                : "%s %.0f ms".formatted(slo.name(), ms));
      }
    }
    return List.copyOf(misses);
  }

  String name() {
    return metric.word() + "-" + percentile;
  }

  @Override
  public String toString() {
    return name() + "=" + bound.toMillis() + "ms";
  }
}
