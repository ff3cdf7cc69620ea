package org.linescribe.bench.load;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the clients of one run measured. Thread: any. */
final class Figures {
  private final Map<String, long[]> latenciesNs = new TreeMap<>();
  private final Map<String, Integer> counts = new TreeMap<>();
  private final Map<String, Integer> errors = new TreeMap<>();
  private int sessions;
  private int words;
  private int wordErrors;

  synchronized void latency(String of, long ns) {
    long[] old = latenciesNs.getOrDefault(of, new long[0]);
    long[] all = Arrays.copyOf(old, old.length + 1);
    all[old.length] = ns;
    latenciesNs.put(of, all);
  }

  synchronized void latencies(String of, long[] ns) {
    long[] old = latenciesNs.getOrDefault(of, new long[0]);
    long[] all = Arrays.copyOf(old, old.length + ns.length);
    System.arraycopy(ns, 0, all, old.length, ns.length);
    latenciesNs.put(of, all);
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
    long[] ns = latenciesNs.get(of);
    return ns == null ? "-" : percentiles(ns).replaceFirst(" \\(n=.*", "");
  }

  /** Milliseconds: median, 95 %, 99 %, the longest, and how many. */
  synchronized String latencies() {
    return latenciesNs.entrySet().stream()
        .map(e -> e.getKey() + " " + percentiles(e.getValue()))
        .collect(Collectors.joining("; "));
  }

  private static String percentiles(long[] ns) {
    long[] sorted = ns.clone();
    Arrays.sort(sorted);
    return "%d / %d / %d / %d (n=%d)"
        .formatted(at(sorted, 50), at(sorted, 95), at(sorted, 99), at(sorted, 100), sorted.length);
  }

  private static long at(long[] sorted, int percent) {
    int index = Math.max(0, (int) Math.ceil(percent / 100.0 * sorted.length) - 1);
    return sorted[index] / 1_000_000;
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
