package org.linescribe.gateway.rtp;

import io.micrometer.core.instrument.Counter;
import org.linescribe.media.jitter.JitterCounters;

/**
 * Adds the increments of a session's counters to the global counters.
 *
 * <p>Thread: the session's event loop.
 */
final class RtpCounterDeltas {
  private final RtpMetrics metrics;
  private final JitterCounters counters;
  private final long[] before = new long[7];

  RtpCounterDeltas(RtpMetrics metrics, JitterCounters counters) {
    this.metrics = metrics;
    this.counters = counters;
  }

  void add() {
    step(0, metrics.received, counters.received());
    step(1, metrics.lost, counters.lost());
    step(2, metrics.late, counters.late());
    step(3, metrics.duplicate, counters.duplicate());
    step(4, metrics.reordered, counters.reordered());
    step(
        5,
        metrics.silenceFilledSamples,
        counters.lostSamples() - counters.concealedSamples() + counters.silentSamples());
    step(6, metrics.concealedSamples, counters.concealedSamples());
  }

  private void step(int index, Counter counter, long now) {
    counter.increment(now - before[index]);
    before[index] = now;
  }
}
