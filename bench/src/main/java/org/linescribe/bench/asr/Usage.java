package org.linescribe.bench.asr;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Processor time of the process and of its threads by the begin of their names, in nanoseconds.
 *
 * @param cpuNs of the whole process: compilers and collectors as well
 */
record Usage(long cpuNs, long wallNs, Map<String, Long> threads) {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  static Usage now() {
    Map<String, Long> threads = new TreeMap<>();
    for (long id : THREADS.getAllThreadIds()) {
      ThreadInfo info = THREADS.getThreadInfo(id);
      if (info != null) {
        String name = info.getThreadName().replaceAll("[-0-9 ]+$", "");
        threads.merge(name, Math.max(0, THREADS.getThreadCpuTime(id)), Long::sum);
      }
    }
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Usage(system.getProcessCpuTime(), System.nanoTime(), threads);
  }

  Usage since(Usage before) {
    Map<String, Long> took = new TreeMap<>();
    threads.forEach((name, ns) -> took.put(name, ns - before.threads.getOrDefault(name, 0L)));
    return new Usage(cpuNs - before.cpuNs, wallNs - before.wallNs, took);
  }

  double cpuSeconds() {
    return cpuNs / 1e9;
  }

  /** In percent of the process, what is at least one; the rest is the virtual machine's. */
  String byThread() {
    return threads.entrySet().stream()
        .filter(thread -> thread.getValue() * 100 >= cpuNs)
        .map(
            thread ->
                String.format(
                    Locale.ROOT, "%s %.1f %%", thread.getKey(), 100.0 * thread.getValue() / cpuNs))
        .collect(Collectors.joining(", "));
  }
}
