package org.linescribe.api.audio;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What the protocols of other systems count, tagged with the protocol. */
public final class ProtocolMeters {
  private static final String PREFIX = "linescribe.protocols.";

  private final MeterRegistry registry;
  private final String protocol;
  private final Counter opened;
  private final Counter badMessages;
  private final Counter pauses;
  private final Counter lostSamples;

  ProtocolMeters(MeterRegistry registry, String protocol) {
    this.registry = registry;
    this.protocol = protocol;
    opened = counter("opened", "Sources opened");
    badMessages = counter("messages.bad", "Messages that could not be understood");
    pauses = counter("pauses", "Times that reading stopped because the session's queue was full");
    lostSamples = counter("audio.lost.samples", "Samples not taken in time at an end");
  }

  private Counter counter(String name, String description) {
    return Counter.builder(PREFIX + name)
        .description(description)
        .tag("protocol", protocol)
        .register(registry);
  }

  public void opened() {
    opened.increment();
  }

  public void refused(String reason) {
    registry.counter(PREFIX + "refused", "protocol", protocol, "reason", reason).increment();
  }

  public void badMessage() {
    badMessages.increment();
  }

  void paused() {
    pauses.increment();
  }

  void lost(int samples) {
    lostSamples.increment(samples);
  }
}
