package org.linescribe.gateway.mediaports;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/** What media ports count. Thread: any. */
final class MediaPortMeters {
  private final MeterRegistry registry;
  final Counter begun;
  final Counter refused;
  final Counter unused;
  final Counter digits;
  final Counter refusedSamples;

  MediaPortMeters(MeterRegistry registry, Supplier<Number> open) {
    this.registry = registry;
    Gauge.builder("linescribe.media.ports.open", open)
        .description("Media ports open now, by POST /sessions/{session_id}/media")
        .strongReference(true)
        .register(registry);
    begun = counter("begun", "Sessions that began with the first audio at a media port");
    refused = counter("refused", "Media ports not opened, or closed as the session was refused");
    unused = counter("unused", "Media ports to which no audio came in time");
    digits = counter("digits", "DTMF digits, which are not kept");
    refusedSamples = counter("audio.refused.samples", "Samples that the session refused");
  }

  private Counter counter(String name, String description) {
    return Counter.builder("linescribe.media.ports." + name)
        .description(description)
        .register(registry);
  }
}
