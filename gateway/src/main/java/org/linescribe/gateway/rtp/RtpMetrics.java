package org.linescribe.gateway.rtp;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * {@code linescribe.rtp.*}. Counters over all calls; a session adds its increments at intervals.
 *
 * <p>Thread: any.
 */
final class RtpMetrics {
  /** Why a datagram on a media port was dropped. */
  enum MediaDefect {
    NOT_RTP,
    UNKNOWN_PAYLOAD_TYPE,
    FOREIGN_SOURCE,
    BAD_RTCP,
    BAD_STUN,
    SRTP_FORGED,
    SRTP_REPLAYED,
    SRTP_NO_KEYS
  }

  private final MeterRegistry registry;
  private final Map<MediaDefect, Counter> defects = new EnumMap<>(MediaDefect.class);
  final Counter received;
  final Counter sent;
  final Counter lost;
  final Counter late;
  final Counter duplicate;
  final Counter reordered;
  final Counter silenceFilledSamples;
  final Counter concealedSamples;
  final Counter sourceChanges;
  final DistributionSummary jitterSeconds;
  final DistributionSummary mos;

  RtpMetrics(MeterRegistry registry) {
    this.registry = registry;
    for (MediaDefect defect : MediaDefect.values()) {
      defects.put(
          defect,
          registry.counter(
              "linescribe.rtp.defects", "kind", defect.name().toLowerCase(Locale.ROOT)));
    }
    received = registry.counter("linescribe.rtp.packets", "direction", "in");
    sent = registry.counter("linescribe.rtp.packets", "direction", "out");
    lost = registry.counter("linescribe.rtp.lost");
    late = registry.counter("linescribe.rtp.late");
    duplicate = registry.counter("linescribe.rtp.duplicate");
    reordered = registry.counter("linescribe.rtp.reordered");
    silenceFilledSamples = registry.counter("linescribe.rtp.silence.filled.samples");
    concealedSamples = registry.counter("linescribe.rtp.concealed.samples");
    sourceChanges = registry.counter("linescribe.rtp.source.changes");
    jitterSeconds =
        DistributionSummary.builder("linescribe.rtp.jitter").baseUnit("seconds").register(registry);
    mos = DistributionSummary.builder("linescribe.rtp.mos").register(registry);
  }

  void defect(MediaDefect kind) {
    defects.get(kind).increment();
  }

  void gauge(String name, Supplier<Number> value) {
    Gauge.builder(name, value).strongReference(true).register(registry);
  }
}
