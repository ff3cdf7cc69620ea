package org.linescribe.gateway.audiosocket;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What AudioSocket counts. */
final class AudioSocketMeters {
  private final MeterRegistry registry;
  final Counter opened;
  final Counter refused;
  final Counter badFrames;
  final Counter digits;
  final Counter pauses;
  final Counter lostSamples;

  AudioSocketMeters(MeterRegistry registry) {
    this.registry = registry;
    opened = counter("opened", "Sources opened");
    refused = counter("refused", "Connections closed because of what they sent or the session");
    badFrames = counter("frames.bad", "Frames that the protocol does not have, or not there");
    digits = counter("digits", "DTMF digits, which are not kept");
    pauses = counter("pauses", "Times that reading stopped because the session's queue was full");
    lostSamples = counter("audio.lost.samples", "Samples not taken in time at an end");
  }

  private Counter counter(String name, String description) {
    return Counter.builder("linescribe.audiosocket." + name)
        .description(description)
        .register(registry);
  }
}
