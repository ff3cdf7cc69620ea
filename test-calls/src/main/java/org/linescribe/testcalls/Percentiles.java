package org.linescribe.testcalls;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Percentiles of times in ms by nearest rank; NaN without values. */
public record Percentiles(int count, double p50, double p90, double p95, double p99, double max) {
  public static Percentiles of(double[] valuesMs) {
    double[] sorted = valuesMs.clone();
    Arrays.sort(sorted);
    return new Percentiles(
        sorted.length,
        at(sorted, 50),
        at(sorted, 90),
        at(sorted, 95),
        at(sorted, 99),
        at(sorted, 100));
  }

  private static double at(double[] sorted, int percent) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.ceil(percent / 100.0 * sorted.length) - 1];
  }

  /** For display: one value as it is, several as percentiles. */
  public String line() {
    return count == 1
        ? "%.0f ms".formatted(p50)
        : "p50 %.0f, p90 %.0f, p95 %.0f, p99 %.0f, most %.0f ms (%d)"
            .formatted(p50, p90, p95, p99, max, count);
  }

  /** For a report: count, and where there are values p50, p90, p95, p99 and max in ms. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("count", count);
    if (count > 0) {
      fields.put("p50", Math.round(p50 * 10) / 10.0);
      fields.put("p90", Math.round(p90 * 10) / 10.0);
      fields.put("p95", Math.round(p95 * 10) / 10.0);
      fields.put("p99", Math.round(p99 * 10) / 10.0);
      fields.put("max", Math.round(max * 10) / 10.0);
    }
    return fields;
  }
}
