package org.linescribe.api.socketio;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What recordings count, {@code linescribe.api.socketio.*}. */
final class RecordingMeters {
  private static final String ROOT = "linescribe.api.socketio.";

  private final MeterRegistry registry;
  final Counter chunks;
  final Counter chunkBytes;
  final Counter superseded;

  RecordingMeters(MeterRegistry registry) {
    this.registry = registry;
    chunks = counter("chunks", "Chunks of audio received");
    chunkBytes = counter("chunk.bytes", "Bytes of audio received");
    superseded = counter("superseded", "Recordings taken over by a newer connection");
  }

  private Counter counter(String name, String description) {
    return Counter.builder(ROOT + name).description(description).register(registry);
  }

  void refused(String limit) {
    registry.counter(ROOT + "refused", "limit", limit).increment();
  }

  /**
   * @param outcome saved, empty or failed
   */
  void recording(String outcome, String reason) {
    registry.counter(ROOT + "recordings", "outcome", outcome, "reason", reason).increment();
  }
}
