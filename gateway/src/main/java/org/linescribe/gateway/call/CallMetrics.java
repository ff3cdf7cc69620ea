package org.linescribe.gateway.call;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.Supplier;

/** {@code linescribe.call.*}. Thread: any. */
final class CallMetrics {
  private final MeterRegistry registry;
  final Counter refusedSamples;
  final Counter telephoneEvents;
  final Counter modifications;
  private final Timer setup;
  private final Timer duration;

  CallMetrics(MeterRegistry registry, Supplier<Number> active) {
    this.registry = registry;
    Gauge.builder("linescribe.call.active", active).strongReference(true).register(registry);
    refusedSamples = registry.counter("linescribe.call.audio.refused.samples");
    telephoneEvents = registry.counter("linescribe.call.telephone.events");
    modifications = registry.counter("linescribe.call.modifications");
    setup = registry.timer("linescribe.call.setup");
    duration = registry.timer("linescribe.call.duration");
  }

  void answered(long sinceInviteNs) {
    setup.record(Duration.ofNanos(sinceInviteNs));
  }

  /**
   * @param outcome followed, failed or refused
   */
  void transfer(String outcome) {
    registry.counter("linescribe.call.transfers", "outcome", outcome).increment();
  }

  void ended(CallOutcome outcome, long sinceAnswerNs) {
    registry.counter("linescribe.call.outcomes", "outcome", outcome.word()).increment();
    if (sinceAnswerNs > 0) {
      duration.record(Duration.ofNanos(sinceAnswerNs));
    }
  }
}
