package org.linescribe.api.audiosessions;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;

/** What this API counts. */
final class AudioSessionMeters {
  private final MeterRegistry registry;
  private final Counter chunks;
  private final Counter bytes;

  AudioSessionMeters(MeterRegistry registry) {
    this.registry = registry;
    this.chunks = registry.counter("linescribe.audio.sessions.chunks");
    this.bytes = registry.counter("linescribe.audio.sessions.bytes");
  }

  void live(Map<String, ?> sessions) {
    Gauge.builder("linescribe.audio.sessions.active", sessions, Map::size)
        .description("Audio sessions that take audio")
        .register(registry);
  }

  void chunk(int length) {
    chunks.increment();
    bytes.increment(length);
  }

  void failed(String kind) {
    registry.counter("linescribe.audio.sessions.failed", "kind", kind).increment();
  }

  void refused(String limit) {
    registry.counter("linescribe.audio.sessions.refused", "limit", limit).increment();
  }

  void closed(String reason) {
    registry.counter("linescribe.audio.sessions.closed", "reason", reason).increment();
  }

  void recovered() {
    registry.counter("linescribe.audio.sessions.recovered").increment();
  }
}
