package org.linescribe.testcalls.load;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.linescribe.testcalls.CallReport;
import org.linescribe.testcalls.CallsSummary;
import org.linescribe.testcalls.Percentiles;

/**
 * What a stage measured.
 *
 * @param calls asked to be on at once
 * @param meanCalls that were on, on average over the hold
 * @param measured reports of the calls that began in the hold and have ended
 * @param setupMs from when a call was due to its answer
 * @param usage of the gateway; null where no pid was given or it is gone
 * @param interrupted whether it was cut off
 */
record StageResult(
    int calls,
    double meanCalls,
    List<CallReport> measured,
    Percentiles setupMs,
    @Nullable Usage usage,
    String loadAverage,
    boolean interrupted) {

  StageResult {
    measured = List.copyOf(measured);
  }

  /**
   * Of the gateway's process.
   *
   * @param cores processor time by time of the hold: 1 is one core
   * @param restMiB resident memory before the first stage
   * @param mostMiB the most that was resident in the stage
   */
  record Usage(double cores, double restMiB, double mostMiB) {}

  CallsSummary summary() {
    return new CallsSummary(measured);
  }

  long failed() {
    return measured.stream()
        .filter(call -> call.outcome() != CallReport.Outcome.TRANSCRIBED)
        .count();
  }

  private long refused() {
    return measured.stream().filter(call -> call.outcome() == CallReport.Outcome.REFUSED).count();
  }

  /** Why calls failed, and how many for that reason. */
  Map<String, Integer> failures() {
    Map<String, Integer> failures = new TreeMap<>();
    for (CallReport call : measured) {
      if (call.failure() != null) {
        failures.merge(call.failure(), 1, Integer::sum);
      }
    }
    return failures;
  }

  /** Frames that this machine sent too late, of all: 0 to 1. */
  double lateShare() {
    long sent = measured.stream().mapToLong(CallReport::framesSent).sum();
    long late = measured.stream().mapToLong(CallReport::framesLate).sum();
    return sent == 0 ? 0 : (double) late / sent;
  }

  /** One line of the table, see {@link #HEADER}. */
  String row() {
    return "%5d %7.1f %6d %7d %6d  %6.0f %6.0f  %6.0f %6.0f  %6.0f %6.0f  %6.0f %6.0f  %5.2f  %s"
        .formatted(
            calls,
            meanCalls,
            measured.size(),
            refused(),
            failed() - refused(),
            setupMs.p50(),
            setupMs.p95(),
            summary().firstPartialMs().p50(),
            summary().firstPartialMs().p95(),
            summary().partialGapMs().p50(),
            summary().partialGapMs().p95(),
            summary().finalMs().p50(),
            summary().finalMs().p95(),
            100 * lateShare(),
            usage == null
                ? "-"
                : "%.2f %s %.0f"
                    .formatted(
                        100 * usage.cores,
                        meanCalls > 0 ? "%.2f".formatted(100 * usage.cores / meanCalls) : "-",
                        usage.mostMiB));
  }

  static final List<String> HEADER =
      List.of(
          "                                     set-up ms    first text ms    partials ms     "
              + " final ms     late   gateway's CPU",
          "calls    on  placed refused failed     p50    p95     p50    p95     p50    p95     p50 "
              + "   p95  frames % of a core, per call, MiB");

  Map<String, Object> fields(List<String> misses) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("calls", calls);
    fields.put("mean_calls", rounded(meanCalls));
    fields.put("placed", measured.size());
    Map<String, Integer> outcomes = new LinkedHashMap<>();
    summary()
        .outcomes()
        .forEach((outcome, n) -> outcomes.put(outcome.name().toLowerCase(Locale.ROOT), n));
    fields.put("outcomes", outcomes);
    fields.put("failures", failures());
    fields.put("setup_ms", setupMs.fields());
    fields.put("first_partial_ms", summary().firstPartialMs().fields());
    fields.put("final_ms", summary().finalMs().fields());
    fields.put("mid_speech_ms", summary().midSpeechMs().fields());
    fields.put("partial_gap_ms", summary().partialGapMs().fields());
    fields.put("finals_without_partial", summary().finalsWithoutPartial());
    fields.put("late_frames_percent", rounded(100 * lateShare()));
    fields.put("words_said", summary().wordErrors().words());
    fields.put("words_wrong", summary().wordErrors().errors());
    if (usage != null) {
      Map<String, Object> gateway = new LinkedHashMap<>();
      gateway.put("cpu_percent_of_core", rounded(100 * usage.cores));
      gateway.put("cpu_percent_of_core_per_call", rounded(100 * usage.cores / meanCalls));
      gateway.put("resident_mib_at_rest", rounded(usage.restMiB));
      gateway.put("resident_mib", rounded(usage.mostMiB));
      gateway.put("resident_mib_per_call", rounded((usage.mostMiB - usage.restMiB) / meanCalls));
      fields.put("gateway", gateway);
    }
    fields.put("load_average", loadAverage);
    fields.put("interrupted", interrupted);
    fields.put("misses", misses);
    return fields;
  }

  private static @Nullable Object rounded(double value) {
    return Double.isFinite(value) ? Math.round(value * 100) / 100.0 : null;
  }
}
