package org.linescribe.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.linescribe.testcalls.Percentiles;

/** What the clients of one run measured. Thread: any. */
final class Figures {
  private final Map<String, List<Double>> latenciesMs = new TreeMap<>();
  private final Map<String, Integer> counts = new TreeMap<>();
  private final Map<String, Integer> errors = new TreeMap<>();
  private int sessions;
  private int words;
  private int wordErrors;

  synchronized void latency(String of, long ns) {
    latenciesMs.computeIfAbsent(of, _ -> new ArrayList<>()).add(ns / 1e6);
  }

  synchronized void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  synchronized void error(String what) {
    errors.merge(what, 1, Integer::sum);
  }

  synchronized void heard(Speech said, String text) {
    sessions++;
    words += said.words().size();
    wordErrors += said.errors(text);
  }

  /** One of them, without how many. */
  synchronized String latency(String of) {
    List<Double> ms = latenciesMs.get(of);
    return ms == null ? "-" : percentiles(ms).replaceFirst(" \\(n=.*", "");
  }

  /** Milliseconds: median, 95 %, 99 %, the longest, and how many. */
  synchronized String latencies() {
    return latenciesMs.entrySet().stream()
        .map(e -> e.getKey() + " " + percentiles(e.getValue()))
        .collect(Collectors.joining("; "));
  }

  private static String percentiles(List<Double> ms) {
    Percentiles of = Percentiles.of(ms.stream().mapToDouble(one -> one).toArray());
    return "%.0f / %.0f / %.0f / %.0f (n=%d)"
        .formatted(of.p50(), of.p95(), of.p99(), of.max(), of.count());
  }

  /** Whose words were compared. */
  synchronized int sessions() {
    return sessions;
  }

  synchronized String words() {
    return words == 0 ? "-" : wordErrors + " / " + words;
  }

  synchronized String counts() {
    return counts.toString();
  }

  synchronized String errors() {
    return errors.isEmpty() ? "0" : errors.toString();
  }
}
