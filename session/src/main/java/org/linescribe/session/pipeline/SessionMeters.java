package org.linescribe.session.pipeline;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;
import org.linescribe.session.SessionRefusedException;
import org.linescribe.session.SourceClosed;

/** What the pipeline counts, all named {@code linescribe.session.…}. Thread: any. */
final class SessionMeters {
  final Counter finals;
  final Counter partials;
  final Counter coalesced;
  final Counter replaced;
  final Counter abandoned;
  final Counter replayTruncated;
  final Counter refusedAudio;
  final Counter readerDropped;
  final DistributionSummary readerLag;
  private final Map<SessionRefusedException.Reason, Counter> refused =
      new EnumMap<>(SessionRefusedException.Reason.class);
  private final Map<SourceClosed, Counter> closed = new EnumMap<>(SourceClosed.class);
  private final MeterRegistry registry;

  SessionMeters(MeterRegistry registry) {
    this.registry = registry;
    finals = registry.counter("linescribe.session.finals");
    partials = registry.counter("linescribe.session.partials");
    coalesced = registry.counter("linescribe.session.partials.coalesced");
    replaced = registry.counter("linescribe.session.recogniser.replaced");
    abandoned = registry.counter("linescribe.session.utterances.abandoned");
    replayTruncated = registry.counter("linescribe.session.replay.truncated");
    refusedAudio = registry.counter("linescribe.session.audio.refused");
    readerDropped = registry.counter("linescribe.session.readers.dropped");
    readerLag = registry.summary("linescribe.session.readers.lag.finals");
    for (SessionRefusedException.Reason reason : SessionRefusedException.Reason.values()) {
      refused.put(reason, registry.counter("linescribe.session.refused", "reason", word(reason)));
    }
    for (SourceClosed reason : SourceClosed.values()) {
      closed.put(reason, registry.counter("linescribe.session.closed", "reason", word(reason)));
    }
  }

  void gauge(String name, Supplier<Number> value) {
    Gauge.builder("linescribe.session." + name, value).strongReference(true).register(registry);
  }

  void refused(SessionRefusedException.Reason reason) {
    refused.get(reason).increment();
  }

  void closed(SourceClosed reason) {
    closed.get(reason).increment();
  }

  static String word(Enum<?> value) {
    return value.name().toLowerCase(java.util.Locale.ROOT);
  }
}
