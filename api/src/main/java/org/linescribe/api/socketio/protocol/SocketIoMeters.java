package org.linescribe.api.socketio.protocol;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/** What connections count, {@code linescribe.api.socketio.*}. */
public final class SocketIoMeters {
  private static final String ROOT = "linescribe.api.socketio.";

  private final MeterRegistry registry;
  final Counter upgrades;
  final Counter badPackets;
  final Counter slowReaders;

  public SocketIoMeters(MeterRegistry registry) {
    this.registry = registry;
    upgrades = counter("upgrades", "Connections that went from polling to WebSocket");
    badPackets = counter("packets.bad", "Connections closed for what is not of the protocol");
    slowReaders = counter("readers.slow", "Connections closed because they did not read");
  }

  private Counter counter(String name, String description) {
    return Counter.builder(ROOT + name).description(description).register(registry);
  }

  void clients(Supplier<Number> open) {
    Gauge.builder(ROOT + "clients", open)
        .description("Socket.IO connections open now")
        .register(registry);
  }

  void handshake(String transport) {
    registry.counter(ROOT + "handshakes", "transport", transport).increment();
  }

  void closed(String reason) {
    registry.counter(ROOT + "closed", "reason", reason).increment();
  }

  public void refused(String limit) {
    registry.counter(ROOT + "refused", "limit", limit).increment();
  }
}
