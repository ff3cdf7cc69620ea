package org.linescribe.gateway.sip;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;

/** {@code linescribe.sip.*}. Tags have bounded values: a stranger's method counts as "other". */
final class SipMetrics {
  private static final Set<String> METHODS =
      Set.of("INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "UPDATE", "INFO", "REGISTER");

  private final MeterRegistry registry;

  SipMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  void request(String method) {
    registry
        .counter("linescribe.sip.requests", "method", METHODS.contains(method) ? method : "other")
        .increment();
  }

  void response(int status) {
    registry.counter("linescribe.sip.responses", "status", Integer.toString(status)).increment();
  }

  /** A message that did not come as far as a transaction. */
  void defect(Defect kind) {
    registry
        .counter("linescribe.sip.defects", "kind", kind.name().toLowerCase(Locale.ROOT))
        .increment();
  }

  void connections(Supplier<Number> open) {
    Gauge.builder("linescribe.sip.connections", open).strongReference(true).register(registry);
  }

  /** What can be wrong with bytes from the wire. */
  enum Defect {
    MALFORMED,
    TOO_LARGE,
    BAD_VERSION,
    STRAY_RESPONSE,
    TOO_MANY_CONNECTIONS,
    TOO_MANY_REQUESTS,
    INTERNAL
  }
}
