package org.linescribe.asr.scheduler;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.function.Supplier;

/** The meters of one scheduler, {@code linescribe.asr.*}. Thread: any. */
final class SchedulerMetrics {
  final DistributionSummary batchSize;
  final Timer decodeTime;
  final Timer queueDelay;
  final Counter refusedSamples;
  final Counter failures;
  final Counter renewals;

  SchedulerMetrics(MeterRegistry registry, Supplier<Number> streams, Supplier<Number> backlogMs) {
    batchSize =
        DistributionSummary.builder("linescribe.asr.batch.size")
            .description("Streams decoded in one call")
            .register(registry);
    decodeTime =
        Timer.builder("linescribe.asr.decode.time")
            .description("One decode call")
            .register(registry);
    queueDelay =
        Timer.builder("linescribe.asr.queue.delay")
            .description("From a stream being ready to its decode")
            .register(registry);
    refusedSamples = counter(registry, "linescribe.asr.refused.samples", "Audio refused: full");
    failures = counter(registry, "linescribe.asr.failures", "Streams that failed");
    renewals =
        counter(registry, "linescribe.asr.renewals", "Native streams replaced within their leg");
    Gauge.builder("linescribe.asr.streams", streams).description("Open streams").register(registry);
    Gauge.builder("linescribe.asr.backlog", () -> backlogMs.get().doubleValue() / 1000)
        .description("Undecoded audio of the stream that is furthest behind")
        .baseUnit("seconds")
        .register(registry);
  }

  private static Counter counter(MeterRegistry registry, String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }
}
